"""One row, and what is asked of many."""

from __future__ import annotations

import pytest

from subscribers.models import Subscriber, Suppression, is_suppressed
from tests.factories import NOW, make_reader, make_subscriber

pytestmark = pytest.mark.django_db


def followed(subscriber: Subscriber, mode: str = "follow") -> set[str]:
    return {i.topic.query for i in subscriber.interests.filter(mode=mode)}


def test_setting_topics_keeps_those_that_stay() -> None:
    reader = make_reader("agents", "RAG", mutes=("survey",))
    before = dict(reader.interests.values_list("topic__query", "pk"))
    topics = {i.topic.query: i.topic for i in reader.interests.select_related("topic")}
    reader.replace_interests([topics["RAG"], topics["survey"]], [topics["agents"]])
    assert followed(reader) == {"RAG", "survey"}
    assert followed(reader, "mute") == {"agents"}
    assert dict(reader.interests.values_list("topic__query", "pk")) == before
    reader.replace_interests([], [])
    assert not reader.interests.exists()


def test_questions_about_subscribers_are_asked_by_name() -> None:
    active = make_subscriber()
    pending = make_subscriber(status="pending", confirmed_at=None, wishes={"topics": ["RAG"]})
    gone = make_subscriber(status="unsubscribed", unsubscribed_at=NOW)
    Suppression.objects.suppress(gone.email, "manual")
    rows = Subscriber.objects
    assert list(rows.active()) == [active]
    assert list(rows.pending()) == [pending]
    assert list(rows.with_wishes()) == [pending]
    assert list(rows.filter(is_suppressed())) == [gone]
    assert [row.is_active for row in (active, pending, gone)] == [True, False, False]
