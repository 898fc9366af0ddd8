"""No more is promised of a wish than comes of it."""

from __future__ import annotations

import pytest

from subscribers.models import Subscriber, Topic
from subscribers.signup import opt_in
from subscribers.signup.wishes import Gain, Wishes, foresee_gain
from tests.factories import NOW, make_reader

pytestmark = pytest.mark.django_db


def followed(subscriber: Subscriber, mode: str = "follow") -> set[str]:
    return {i.topic.query for i in subscriber.interests.filter(mode=mode)}


def test_wishes_are_read_as_they_were_stored() -> None:
    wishes = Wishes(["RAG", "modèle du monde"], "Asia/Tokyo", 6, "weekly", 5)
    assert Wishes.from_json(wishes.to_json()) == wishes
    assert Wishes.from_json({"topics": ["RAG"]}) == Wishes(["RAG"], "UTC", 8, "daily", 10)
    assert Wishes.from_json({}) is None


def test_mutes_take_no_room_and_no_more_is_promised_than_is_added() -> None:
    topics = [f"topic number{n}" for n in range(49)]
    mutes = tuple(f"muted number{n}" for n in range(10))
    reader = make_reader(*topics, mutes=mutes, next_digest_at=NOW)
    wishes = Wishes(["topic number7", "muted number3", "agents"])
    promised = foresee_gain(reader, wishes)
    assert promised == Gain(["muted number3"], ["topic number7"], ["agents"])
    opt_in.confirm_wishes(reader.pk, wishes, NOW)
    assert followed(reader) == {*topics, "muted number3"}
    assert len(followed(reader, "mute")) == 9
    full = foresee_gain(reader, Wishes(["agents", "video"]))
    assert full == Gain([], [], ["agents", "video"])
    reader.interests.create(topic=Topic.objects.get_or_create_topics(["one too many"])[0])
    opt_in.confirm_wishes(reader.pk, wishes, NOW)
    assert reader.interests.count() == 60
