"""A report is about a mail of ours only where its address fits, and an id with it."""

from __future__ import annotations

from copy import copy
from typing import Any
from uuid import uuid4

import pytest

from digest.deliver.call_marks import mark_results
from digest.deliver.doubt.doubts import mail_again
from digest.models import Delivery, ProviderEvent
from subscribers.models import Subscriber, Suppression
from tests.digest.track.reports import HOUR, MINUTE, effects, make_sent, tell
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reported", ["1@relay.example.org", "<1@relay.example.org>"])
@pytest.mark.parametrize("kept", ["1@relay.example.org", "<1@relay.example.org>"])
def test_brackets_around_an_id_make_no_difference(reported: str, kept: str) -> None:
    assert tell(make_sent(message_id=kept), "delivered", message_id=reported)


@pytest.mark.parametrize(
    "forged",
    [
        {"recipient": "somebody.else@example.org"},
        {"recipient": ""},
        {"recipient": None},
        {"message_id": "another"},
        {"message_id": ""},
        {"message_id": "<>"},
        {"message_id": None},
    ],
)
def test_what_fits_no_mail_is_not_even_written_down(forged: dict[str, Any]) -> None:
    delivery = make_sent()
    assert not tell(delivery, "complained", **forged)
    delivery.refresh_from_db()
    assert (delivery.complained_at, ProviderEvent.objects.count()) == (None, 0)


@pytest.mark.parametrize("is_first_known", [True, False])
def test_of_two_mails_of_one_delivery_reports_on_either_are_known_by_our_key(
    is_first_known: bool,
) -> None:
    delivery = make_sent(message_id="m-first" if is_first_known else "m-second")
    key = {"delivery": str(delivery.key)}
    others = key | {"delivery": str(uuid4())}
    for message_id in ("m-first", "m-second"):
        assert not tell(delivery, "bounced", message_id="m-third", metadata=others)
        assert tell(delivery, "delivered", message_id=message_id, metadata=key)
    assert not tell(delivery, "bounced", recipient="else@example.org", metadata=key)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.bounced_at) == ("sent", None)
    assert delivery.message_id == ("m-first" if is_first_known else "m-second")


def test_an_id_that_fits_tells_more_than_a_key_of_another_day() -> None:
    first = make_sent()
    second = make_sent(first.subscriber, 1)
    assert tell(second, "delivered", metadata={"delivery": str(first.key)})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.delivered_at, second.delivered_at is None) == (None, False)


HARD = {"Type": "HardBounce"}


@pytest.mark.parametrize("order", ["first mail's bounce last", "before the second is answered"])
def test_a_bounce_of_the_first_of_two_mails_suppresses_whenever_it_comes(order: str) -> None:
    """No answer, taken for lost, and mailed again: the provider had the first one all the same."""
    row = make_delivery(status="in_doubt", maybe_sent_at=NOW, claimed_at=NOW, attempts=1)
    key = {"delivery": str(row.key)}
    assert mail_again(Delivery.objects.all(), NOW + HOUR) == {"planned": 1, "expired": 0}
    second = {"claimed_at": NOW + HOUR, "maybe_sent_at": NOW + HOUR, "attempts": 2}
    Delivery.objects.update(status="claimed", **second)
    bounce = {"at": NOW + MINUTE, "message_id": "m-first", "esp_event": HARD, "metadata": key}
    if order.startswith("before"):
        assert tell(row, "bounced", **bounce)
    row.refresh_from_db()
    answered = copy(row)
    answered.status, answered.sent_at = "sent", NOW + HOUR
    answered.message_id = "m-second"
    mark_results([answered])
    if not order.startswith("before"):
        assert tell(row, "bounced", **bounce)
    assert tell(row, "delivered", at=NOW + 2 * HOUR, message_id="m-second", metadata=key)
    row.refresh_from_db()
    assert (row.status, row.bounced_at) == ("sent", NOW + MINUTE)
    assert row.delivered_at == NOW + 2 * HOUR
    assert Suppression.objects.about(row.subscriber.email).exists()


def test_a_report_on_the_first_mail_settles_what_was_refused_the_second_time() -> None:
    row = make_delivery(status="failed", claimed_at=NOW + HOUR, attempts=2, error="Refused.")
    key = {"delivery": str(row.key)}
    assert tell(row, "delivered", at=NOW + MINUTE, message_id="m-first", metadata=key)
    row.refresh_from_db()
    assert (row.status, row.message_id, row.error) == ("sent", "m-first", "")


def test_a_wish_that_is_newer_than_the_first_mail_stands_though_the_second_came_after() -> None:
    """What happened to the first one was before the wish, whenever the second left."""
    row = make_sent(claimed_at=NOW + 2 * HOUR, message_id="m-second")
    Subscriber.objects.update(confirmed_at=NOW + HOUR)
    key = {"delivery": str(row.key)}
    bounce = {"at": NOW + MINUTE, "message_id": "m-first", "esp_event": HARD, "metadata": key}
    assert tell(row, "bounced", **bounce)
    assert effects() == ["outdated"]
    assert not Suppression.objects.exists()
