"""A wish takes effect when its address confirms it, and not before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from subscribers.models import Subscriber, Topic
from subscribers.signup import opt_in
from subscribers.signup.opt_in import Gain, Link, Wishes
from subscribers.tokens import DatedLink
from tests.factories import NOW, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WISHES = Wishes(["RAG", "world model"], "Asia/Tokyo", 6, "weekly", 5)


def followed(subscriber: Subscriber, mode: str = "follow") -> set[str]:
    return {i.topic.query for i in subscriber.interests.filter(mode=mode)}


def ask(subscriber: Subscriber, wishes: Wishes = WISHES) -> Subscriber:
    assert opt_in.ask(subscriber.email, wishes, NOW) == subscriber.pk
    subscriber.refresh_from_db()
    return subscriber


def test_a_new_address_is_pending_until_it_confirms() -> None:
    pk = opt_in.ask("ada@example.org", WISHES, NOW)
    subscriber = Subscriber.objects.get(pk=pk)
    assert subscriber.status == "pending"
    assert not subscriber.interests.exists()
    subscriber = opt_in.confirm(pk, NOW)
    assert (subscriber.status, subscriber.timezone, subscriber.send_hour) == (
        "active",
        "Asia/Tokyo",
        6,
    )
    assert (subscriber.cadence, subscriber.max_papers) == ("weekly", 5)
    assert followed(subscriber) == {"RAG", "world model"}
    assert subscriber.next_digest_at is None
    assert subscriber.wishes == {}


def test_asking_changes_nothing_for_an_active_subscriber() -> None:
    reader = make_reader("agents", next_digest_at=NOW)
    ask(reader)
    assert (reader.status, reader.timezone, followed(reader)) == ("active", "UTC", {"agents"})


def test_an_active_subscriber_gains_topics_and_keeps_the_rest() -> None:
    reader = make_reader("agents", mutes=("RAG",), next_digest_at=NOW + DAY, confirmations_sent=2)
    ask(reader)
    reader = opt_in.confirm(reader.pk, NOW)
    assert followed(reader) == {"agents", "RAG", "world model"}
    assert (reader.timezone, reader.next_digest_at) == ("UTC", NOW + DAY)
    assert reader.confirmations_sent == 0


def test_whoever_comes_back_starts_afresh() -> None:
    reader = make_reader("agents", mutes=("survey",), paused_until=NOW + DAY)
    reader.unsubscribe(NOW - DAY)
    ask(reader)
    reader = opt_in.confirm(reader.pk, NOW)
    assert reader.status == "active"
    assert reader.paused_until is None
    assert followed(reader) == {"RAG", "world model"}
    assert followed(reader, "mute") == set()


def test_a_wish_asked_twice_is_the_later_one() -> None:
    pk = opt_in.ask("ada@example.org", Wishes(["agents"]), NOW)
    assert opt_in.ask("ada@example.org", Wishes(["RAG"]), NOW) == pk
    assert followed(opt_in.confirm(pk, NOW)) == {"RAG"}


def test_confirming_twice_changes_nothing_the_second_time() -> None:
    pk = opt_in.ask("ada@example.org", WISHES, NOW)
    opt_in.confirm(pk, NOW)
    Subscriber.objects.update(next_digest_at=NOW + DAY)
    again = opt_in.confirm(pk, NOW + DAY)
    assert again.confirmed_at == NOW
    assert again.next_digest_at == NOW + DAY


def test_a_subscriber_added_by_hand_confirms_without_a_wish() -> None:
    reader = make_reader("agents", status="pending", confirmed_at=None, send_hour=5)
    reader = opt_in.confirm(reader.pk, NOW)
    assert (reader.status, reader.send_hour, followed(reader)) == ("active", 5, {"agents"})


def test_added_topics_stop_at_fifty() -> None:
    reader = make_reader(*(f"topic number{n}" for n in range(49)))
    ask(reader)
    opt_in.confirm(reader.pk, NOW)
    assert reader.interests.count() == 50


def test_mutes_take_no_room_and_no_more_is_promised_than_is_added() -> None:
    topics = [f"topic number{n}" for n in range(49)]
    mutes = tuple(f"muted number{n}" for n in range(10))
    reader = make_reader(*topics, mutes=mutes, next_digest_at=NOW)
    wishes = Wishes(["topic number7", "muted number3", "agents"])
    promised = opt_in.gain(reader, wishes)
    assert promised == Gain(["muted number3"], ["topic number7"], ["agents"])
    opt_in.confirm_wishes(reader.pk, wishes, NOW)
    assert followed(reader) == {*topics, "muted number3"}
    assert len(followed(reader, "mute")) == 9
    full = opt_in.gain(reader, Wishes(["agents", "video"]))
    assert full == Gain([], [], ["agents", "video"])
    reader.interests.create(topic=Topic.objects.get_or_create_topics(["one too many"])[0])
    opt_in.confirm_wishes(reader.pk, wishes, NOW)
    assert reader.interests.count() == 60


def test_setting_topics_keeps_those_that_stay() -> None:
    reader = make_reader("agents", "RAG", mutes=("survey",))
    before = dict(reader.interests.values_list("topic__query", "pk"))
    topics = {i.topic.query: i.topic for i in reader.interests.select_related("topic")}
    opt_in.set_interests(reader, [topics["RAG"], topics["survey"]], [topics["agents"]])
    assert followed(reader) == {"RAG", "survey"}
    assert followed(reader, "mute") == {"agents"}
    assert dict(reader.interests.values_list("topic__query", "pk")) == before
    opt_in.set_interests(reader, [], [])
    assert not reader.interests.exists()


@pytest.mark.parametrize(
    ("fields", "age", "state"),
    [
        ({"status": "pending", "confirmed_at": None}, 47, Link.READY),
        ({"status": "pending", "confirmed_at": None}, 49, Link.EXPIRED),
        ({}, 1, Link.DONE),
        ({}, 49, Link.DONE),
        ({"wishes": {"topics": ["RAG"]}}, 1, Link.DONE),
        ({"letters": "its own"}, 1, Link.READY),
        ({"letters": "its own"}, 49, Link.EXPIRED),
        ({"status": "unsubscribed", "unsubscribed_at": NOW}, 1, Link.SPENT),
        ({"status": "unsubscribed", "unsubscribed_at": NOW - 2 * DAY}, 1, Link.READY),
    ],
)
def test_a_link_is_good_for_what_its_age_and_its_reader_allow(
    fields: dict[str, Any], age: int, state: Link
) -> None:
    if "letters" in fields:
        sent_at = (NOW - timedelta(hours=age)).isoformat(timespec="microseconds")
        fields = {"letters": {sent_at: {"topics": ["RAG"]}}}
    subscriber = make_subscriber(**fields)
    link = DatedLink(subscriber.pk, NOW - timedelta(hours=age))
    assert opt_in.link_state(subscriber, link, NOW) == state


def test_asking_again_renews_a_wish_and_invents_none() -> None:
    pk = opt_in.ask("ada@example.org", WISHES, NOW)
    opt_in.ask_again(DatedLink(pk, NOW), NOW + DAY)
    renewed = Subscriber.objects.get(pk=pk).wishes
    assert renewed["asked_at"] == (NOW + DAY).isoformat()
    assert renewed["topics"] == WISHES.topics
    reader = make_reader("agents")
    opt_in.ask_again(DatedLink(reader.pk, NOW), NOW)
    reader.refresh_from_db()
    assert reader.wishes == {}


def test_undo_brings_everything_back_for_a_day() -> None:
    reader = make_reader("agents", send_hour=8)
    reader.unsubscribe(NOW)
    assert opt_in.can_undo(reader, NOW + DAY / 2)
    assert not opt_in.can_undo(reader, NOW + DAY)
    assert opt_in.undo_unsubscribe(reader, NOW + DAY / 2)
    reader.refresh_from_db()
    assert (reader.status, reader.unsubscribed_at) == ("active", None)
    assert reader.next_digest_at == (NOW + DAY).replace(hour=8)


def test_undo_comes_too_late_after_a_day_and_never_for_the_unconfirmed() -> None:
    reader = make_reader("agents")
    reader.unsubscribe(NOW)
    assert not opt_in.undo_unsubscribe(reader, NOW + DAY)
    stranger = make_subscriber(status="pending", confirmed_at=None)
    stranger.unsubscribe(NOW)
    assert not opt_in.can_undo(stranger, NOW)
    assert not opt_in.undo_unsubscribe(stranger, NOW)
