from datetime import UTC, datetime, timedelta

import pytest
from anymail.signals import AnymailTrackingEvent

from digest.track import track_event
from subscribers.models import Subscriber, Suppression
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db
THEN = NOW + timedelta(minutes=5)


def sent(**fields):
    return make_delivery(**({"status": "sent", "sent_at": NOW, "message_id": "m-1"} | fields))


def event(delivery, kind, **fields):
    defaults = {
        "message_id": "m-1",
        "recipient": delivery.subscriber.email.title(),
        "timestamp": THEN,
        "metadata": {},
        "esp_event": {},
    }
    return AnymailTrackingEvent(event_type=kind, **(defaults | fields))


@pytest.mark.parametrize(
    ("kind", "field", "reason"),
    [
        ("delivered", "delivered_at", None),
        ("bounced", "bounced_at", "bounce"),
        ("rejected", "bounced_at", None),
        ("complained", "complained_at", "complaint"),
    ],
)
def test_a_report_sets_its_date_once_and_bad_addresses_are_suppressed(kind, field, reason):
    delivery = sent()
    assert track_event(event(delivery, kind), NOW)
    assert track_event(event(delivery, kind, timestamp=THEN + timedelta(hours=1)), NOW)
    delivery.refresh_from_db()
    assert (getattr(delivery, field), delivery.status) == (THEN, "sent")
    found = Suppression.objects.filter(email=delivery.subscriber.email).first()
    assert (found.reason if found else None) == reason


def test_an_unsubscribe_at_the_provider_unsubscribes_here():
    delivery = sent()
    track_event(event(delivery, "unsubscribed"), NOW)
    assert not Subscriber.objects.mailable().exists()


@pytest.mark.parametrize(
    "raw",
    [
        {"Type": "SoftBounce"},
        {"bounce": {"bounceType": "Transient"}},
        {"data": {"bounce": {"type": "Transient"}}},
        {"event": "soft_bounce"},
        {"event-data": {"severity": "temporary"}},
    ],
)
def test_a_soft_bounce_is_noted_and_the_address_stays(raw):
    delivery = sent()
    track_event(event(delivery, "bounced", esp_event=raw), NOW)
    delivery.refresh_from_db()
    assert delivery.bounced_at == THEN
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"recipient": "somebody.else@example.org"},
        {"message_id": "m-2"},
        {"message_id": None},
        {"recipient": None},
        {"message_id": None, "metadata": {"delivery": "not-a-key"}},
    ],
)
def test_a_report_that_fits_no_delivery_changes_nothing(forged):
    delivery = sent()
    assert not track_event(event(delivery, "complained", **forged), NOW)
    delivery.refresh_from_db()
    assert (delivery.complained_at, Suppression.objects.count()) == (None, 0)


def test_our_key_does_not_speak_for_a_delivery_whose_message_id_is_known():
    delivery = sent()
    other = event(delivery, "bounced", message_id="m-2", metadata={"delivery": str(delivery.key)})
    assert not track_event(other, NOW)


def test_a_report_settles_what_was_in_doubt():
    delivery = make_delivery(status="in_doubt", maybe_sent_at=NOW, error="no answer")
    report = event(delivery, "delivered", metadata={"delivery": str(delivery.key)})
    assert track_event(report, NOW)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.sent_at, delivery.message_id) == ("sent", NOW, "m-1")
    assert delivery.delivered_at == THEN


def test_a_report_that_comes_before_we_marked_the_row_is_kept():
    delivery = make_delivery(status="claimed", claimed_at=NOW, maybe_sent_at=NOW)
    track_event(event(delivery, "delivered", metadata={"delivery": str(delivery.key)}), NOW)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.delivered_at) == ("sent", THEN)


def test_opens_and_clicks_leave_no_trace():
    delivery = sent()
    assert track_event(event(delivery, "opened"), NOW)
    before = delivery.__dict__.copy()
    delivery.refresh_from_db()
    assert {k: v for k, v in delivery.__dict__.items() if k.endswith("_at")} == {
        k: v for k, v in before.items() if k.endswith("_at")
    }


def test_a_report_without_a_time_takes_ours():
    delivery = sent()
    track_event(event(delivery, "delivered", timestamp=None), datetime(2026, 5, 1, tzinfo=UTC))
    delivery.refresh_from_db()
    assert delivery.delivered_at == datetime(2026, 5, 1, tzinfo=UTC)
