"""Each act does what the subscriber's own page does, or says why it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subscribers.admin.act import Ground, Order
from subscribers.admin.acts import ACTS
from subscribers.models import Subscriber, Suppression
from subscribers.signup.wishes import Wishes
from tests.factories import NOW, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def make_pending(**fields: Any) -> Subscriber:
    wish = Wishes(["RAG"]).to_json()
    return make_subscriber(**{"status": "pending", "confirmed_at": None, "wishes": wish} | fields)


def make_left(by: str = "", left_at: datetime = NOW) -> Subscriber:
    subscriber = make_subscriber(confirmed_at=NOW - 9 * DAY)
    subscriber.unsubscribe(left_at, by=by)
    return subscriber


def make_suppressed(reason: str, **fields: Any) -> Subscriber:
    subscriber = make_subscriber(**fields)
    Suppression.objects.suppress(subscriber.email, reason)
    return subscriber


def suppress(subscriber: Subscriber) -> Subscriber:
    Suppression.objects.suppress(subscriber.email, "manual")
    return subscriber


OBSTACLES: list[tuple[str, Any, str]] = [
    ("resend", make_pending, ""),
    ("resend", make_subscriber, "confirmed already"),
    ("resend", make_left, "only they themselves can sign up again"),
    ("resend", lambda: suppress(make_pending()), "suppressed"),
    ("resend", lambda: make_pending(confirmation_sent_at=NOW - DAY / 2), "23 Apr, 00:00 UTC"),
    ("resend", lambda: make_pending(confirmations_sent=3), "without an answer"),
    ("link", make_subscriber, ""),
    ("link", make_pending, "has not confirmed"),
    ("link", lambda: make_suppressed("bounce"), "suppressed"),
    ("pause", make_subscriber, ""),
    ("pause", make_left, "unsubscribed"),
    ("resume", lambda: make_subscriber(paused_until=NOW + DAY), ""),
    ("resume", lambda: make_subscriber(paused_until=NOW - DAY), "not paused"),
    ("unsubscribe", make_subscriber, ""),
    ("unsubscribe", make_left, "unsubscribed already"),
    ("restore", lambda: make_left(by="noether"), ""),
    ("restore", make_left, "left by themselves"),
    ("restore", lambda: make_left("noether", NOW - 2 * DAY), "more than 24 hours ago"),
    ("restore", make_subscriber, "not unsubscribed"),
    ("suppress", make_subscriber, ""),
    ("suppress", lambda: make_suppressed("bounce"), "suppressed already (bounce)"),
    ("lift", lambda: make_suppressed("manual"), ""),
    ("lift", lambda: make_suppressed("bounce"), ""),
    ("lift", lambda: make_suppressed("complaint"), "called our mail spam"),
    ("lift", make_subscriber, "not suppressed"),
    ("move", make_subscriber, ""),
    ("move", make_pending, "has not confirmed"),
    ("export", make_pending, ""),
    ("delete", make_left, ""),
]


@pytest.mark.parametrize(("act", "make", "said"), OBSTACLES)
def test_an_act_says_beforehand_why_it_would_change_nothing(act: str, make: Any, said: str) -> None:
    made = make()
    obstacle = ACTS[act].find_obstacle(made, Ground([made], NOW))
    assert (said in obstacle) if said else not obstacle


def perform(act: str, subscriber: Subscriber, **typed: Any) -> Subscriber | None:
    assert ACTS[act].perform(subscriber, Order("noether", NOW, typed))
    return Subscriber.objects.filter(pk=subscriber.pk).first()


def test_a_pause_ends_at_midnight_in_their_own_zone() -> None:
    reader = make_subscriber(timezone="Asia/Tokyo")
    paused = perform("pause", reader, until=(NOW + 9 * DAY).date())
    assert paused
    assert paused.paused_until == datetime(2026, 4, 30, 15, tzinfo=UTC)
    resumed = perform("resume", reader)
    assert resumed
    assert resumed.paused_until is None


def test_unsubscribing_is_noted_with_who_did_it_and_can_be_taken_back() -> None:
    reader = make_subscriber()
    left = perform("unsubscribe", reader)
    assert left
    assert (left.status, left.unsubscribed_at) == ("unsubscribed", NOW)
    back = perform("restore", left)
    assert back
    assert back.is_active
    events = back.consent_events.order_by("pk").values_list("kind", "by")
    assert list(events) == [("left", "noether"), ("back", "noether")]


def test_suppressing_and_lifting_undo_each_other() -> None:
    reader = make_subscriber()
    perform("suppress", reader)
    assert not Subscriber.objects.reachable().exists()
    perform("lift", reader)
    assert Subscriber.objects.reachable().exists()


def test_asking_again_takes_the_wish_or_what_stands_in_the_row() -> None:
    asked = perform("resend", make_pending())
    assert asked
    assert (asked.wishes["topics"], asked.wish_asked_at) == (["RAG"], NOW)
    written = make_reader("agents", status="pending", confirmed_at=None, send_hour=5)
    asked = perform("resend", written)
    assert asked
    assert (asked.wishes["topics"], asked.wishes["send_hour"]) == (["agents"], 5)


def test_a_move_at_once_leaves_no_link_back_and_one_that_asks_moves_nothing() -> None:
    reader = make_subscriber(email="old@example.org")
    asked = perform("move", reader, new_email="new@example.org", how="ask")
    assert asked
    assert (asked.email, asked.new_email) == ("old@example.org", "new@example.org")
    moved = perform("move", reader, new_email="new@example.org", how="at-once")
    assert moved
    assert (moved.email, moved.new_email) == ("new@example.org", "")
    former = moved.former_addresses.get()
    assert (former.email, former.told_at) == ("old@example.org", former.left_at)


def test_a_move_to_an_address_that_has_its_own_digest_does_nothing() -> None:
    taken, reader = make_subscriber(), make_subscriber()
    typed = {"new_email": taken.email, "how": "at-once"}
    assert not ACTS["move"].perform(reader, Order("noether", NOW, typed))
    assert Subscriber.objects.count() == 2


def test_links_are_asked_for_as_the_reader_would() -> None:
    asked = perform("link", make_subscriber())
    assert asked
    assert asked.own_link_asked_at == NOW
