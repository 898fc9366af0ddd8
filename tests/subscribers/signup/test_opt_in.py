"""A wish takes effect when its address confirms it, and not before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from subscribers.models import Confirmation, Subscriber
from subscribers.signup import opt_in
from subscribers.signup.opt_in import LinkState
from subscribers.signup.wishes import Wishes
from subscribers.tokens import DatedLink
from tests.factories import NOW, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WISHES = Wishes(["RAG", "world model"], "Asia/Tokyo", 6, "weekly", 5)


def followed(subscriber: Subscriber, mode: str = "follow") -> set[str]:
    return {i.topic.query for i in subscriber.interests.filter(mode=mode)}


def ask(subscriber: Subscriber, wishes: Wishes = WISHES) -> Subscriber:
    assert opt_in.request_confirmation(subscriber.email, wishes, NOW) == subscriber.pk
    subscriber.refresh_from_db()
    return subscriber


def test_a_new_address_is_pending_until_it_confirms() -> None:
    pk = opt_in.request_confirmation("ada@example.org", WISHES, NOW)
    subscriber = Subscriber.objects.get(pk=pk)
    assert subscriber.status == "pending"
    assert not subscriber.interests.exists()
    subscriber = opt_in.confirm_latest(pk, NOW)
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
    reader = opt_in.confirm_latest(reader.pk, NOW)
    assert followed(reader) == {"agents", "RAG", "world model"}
    assert (reader.timezone, reader.next_digest_at) == ("UTC", NOW + DAY)
    assert reader.confirmations_sent == 0


def test_whoever_comes_back_starts_afresh() -> None:
    reader = make_reader("agents", mutes=("survey",), paused_until=NOW + DAY)
    reader.unsubscribe(NOW - DAY)
    ask(reader)
    reader = opt_in.confirm_latest(reader.pk, NOW)
    assert reader.status == "active"
    assert reader.paused_until is None
    assert followed(reader) == {"RAG", "world model"}
    assert followed(reader, "mute") == set()


def test_a_wish_asked_twice_is_the_later_one() -> None:
    pk = opt_in.request_confirmation("ada@example.org", Wishes(["agents"]), NOW)
    assert opt_in.request_confirmation("ada@example.org", Wishes(["RAG"]), NOW) == pk
    assert followed(opt_in.confirm_latest(pk, NOW)) == {"RAG"}


def test_confirming_twice_changes_nothing_the_second_time() -> None:
    pk = opt_in.request_confirmation("ada@example.org", WISHES, NOW)
    opt_in.confirm_latest(pk, NOW)
    Subscriber.objects.update(next_digest_at=NOW + DAY)
    again = opt_in.confirm_latest(pk, NOW + DAY)
    assert again.confirmed_at == NOW
    assert again.next_digest_at == NOW + DAY


def test_a_subscriber_added_by_hand_confirms_without_a_wish() -> None:
    reader = make_reader("agents", status="pending", confirmed_at=None, send_hour=5)
    reader = opt_in.confirm_latest(reader.pk, NOW)
    assert (reader.status, reader.send_hour, followed(reader)) == ("active", 5, {"agents"})


def test_added_topics_stop_at_fifty() -> None:
    reader = make_reader(*(f"topic number{n}" for n in range(49)))
    ask(reader)
    opt_in.confirm_latest(reader.pk, NOW)
    assert reader.interests.count() == 50


@pytest.mark.parametrize(
    ("fields", "age", "state"),
    [
        ({"status": "pending", "confirmed_at": None}, 47, LinkState.READY),
        ({"status": "pending", "confirmed_at": None}, 49, LinkState.EXPIRED),
        ({}, 1, LinkState.DONE),
        ({}, 49, LinkState.DONE),
        ({"wishes": {"topics": ["RAG"]}}, 1, LinkState.DONE),
        ({"own_wish": True}, 1, LinkState.READY),
        ({"own_wish": True}, 49, LinkState.EXPIRED),
        ({"status": "unsubscribed", "unsubscribed_at": NOW}, 1, LinkState.SPENT),
        ({"status": "unsubscribed", "unsubscribed_at": NOW - 2 * DAY}, 1, LinkState.READY),
    ],
)
def test_a_link_is_good_for_what_its_age_and_its_reader_allow(
    fields: dict[str, Any], age: int, state: LinkState
) -> None:
    sent_at, has_own_wish = NOW - timedelta(hours=age), "own_wish" in fields
    subscriber = make_subscriber(**{k: v for k, v in fields.items() if k != "own_wish"})
    if has_own_wish:
        subscriber.confirmations.create(sent_at=sent_at, wish={"topics": ["RAG"]})
    link = DatedLink(subscriber.pk, sent_at)
    assert opt_in.judge_link(subscriber, link, NOW) == state


def test_asking_again_renews_a_wish_and_invents_none() -> None:
    pk = opt_in.request_confirmation("ada@example.org", WISHES, NOW)
    opt_in.renew_request(DatedLink(pk, NOW), NOW + DAY)
    renewed = Subscriber.objects.get(pk=pk)
    assert renewed.wish_asked_at == NOW + DAY
    assert renewed.wishes["topics"] == WISHES.topics
    reader = make_reader("agents")
    opt_in.renew_request(DatedLink(reader.pk, NOW), NOW)
    reader.refresh_from_db()
    assert reader.wishes == {}


def test_each_link_shows_the_wish_of_its_own_confirmation() -> None:
    pk = opt_in.request_confirmation("ada@example.org", Wishes(["RAG"]), NOW)
    ada = Subscriber.objects.get(pk=pk)
    opt_in.record_confirmation(ada, NOW)
    opt_in.request_confirmation("ada@example.org", Wishes(["agents"]), NOW + DAY)
    ada.refresh_from_db()
    opt_in.record_confirmation(ada, NOW + DAY)
    opt_in.request_confirmation("ada@example.org", Wishes(["video"]), NOW + DAY)
    ada.refresh_from_db()
    first, second = DatedLink(pk, NOW), DatedLink(pk, NOW + DAY)
    assert opt_in.find_own_wishes(ada, first) == Wishes(["RAG"])
    assert opt_in.find_own_wishes(ada, second) == Wishes(["agents"])
    assert opt_in.find_later_wishes(ada, first, NOW + DAY) == Wishes(["video"])
    assert opt_in.find_own_wishes(ada, DatedLink(pk, NOW + timedelta(microseconds=1))) is None
    opt_in.confirm_wishes(pk, Wishes(["RAG"]), NOW + DAY)
    assert not Confirmation.objects.exists()


def test_one_that_is_tried_again_in_the_same_moment_has_one_row_and_old_ones_are_dropped() -> None:
    pk = opt_in.request_confirmation("ada@example.org", Wishes(["RAG"]), NOW)
    ada = Subscriber.objects.get(pk=pk)
    opt_in.record_confirmation(ada, NOW)
    ada.wishes = Wishes(["agents"]).to_json()
    opt_in.record_confirmation(ada, NOW)
    [row] = Confirmation.objects.all()
    assert row.wish["topics"] == ["agents"]
    assert str(row) == "ada@example.org, 22 April 2026"
    opt_in.record_confirmation(ada, NOW + 7 * DAY - timedelta(microseconds=1))
    assert Confirmation.objects.filter(sent_at=NOW).exists()
    opt_in.record_confirmation(ada, NOW + 7 * DAY)
    assert not Confirmation.objects.filter(sent_at=NOW).exists()


@pytest.mark.parametrize(("wish", "times"), [({"topics": ["RAG"]}, 2), ({}, 1)])
def test_the_database_refuses_two_confirmations_of_one_moment_and_one_about_nothing(
    wish: dict[str, Any], times: int
) -> None:
    ada = make_subscriber()
    rows = [Confirmation(subscriber=ada, sent_at=NOW, wish=wish) for _ in range(times)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Confirmation.objects.bulk_create(rows)


def test_nobody_waits_for_the_confirmation_of_no_wish() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_subscriber(wish_asked_at=NOW)
