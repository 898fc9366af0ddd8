"""Each report is one row, kept for thirty days, in whatever order and how often it comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from anymail.signals import AnymailTrackingEvent
from django.db import IntegrityError

from digest.models import Delivery, ProviderEvent
from digest.track import event_rows, sweep_events
from digest.track.event_rows import PRUNED_AT_ONCE, record_event
from digest.track.find_mail import Mail
from digest.track.report import read_report
from subscribers.models import Suppression
from tests.digest.track.reports import DAY, HOUR, MINUTE, effects, make_sent, tell
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db


def test_a_report_that_comes_again_changes_nothing_and_is_one_row() -> None:
    delivery = make_sent()
    tell(delivery, "complained", event_id="e-1")
    Suppression.objects.all().delete()  # by staff, at the reader's wish
    tell(delivery, "complained", event_id="e-1", now=NOW + DAY)
    assert (ProviderEvent.objects.count(), Suppression.objects.count()) == (1, 0)


def test_a_known_id_with_another_story_is_not_heard() -> None:
    delivery = make_sent()
    tell(delivery, "delivered", event_id="e-1")
    tell(delivery, "complained", event_id="e-1")
    assert (effects(), Suppression.objects.count()) == (["noted"], 0)


def test_a_row_that_the_database_refuses_for_another_reason_is_no_duplicate() -> None:
    delivery = make_sent()
    event = AnymailTrackingEvent(
        event_type="delivered",
        event_id="e-1",
        message_id=delivery.message_id,
        recipient=delivery.subscriber.email,
        timestamp=NOW,
    )
    report = read_report(event, "Postmark", NOW)
    mail = Mail(report.address, NOW, delivery, delivery.subscriber)
    with pytest.raises(IntegrityError):  # it happened before it came
        record_event(report, mail, NOW - HOUR)


def test_a_row_says_who_said_what_and_when() -> None:
    delivery = make_sent()
    reply = "550 5.1.1 no such user"
    tell(delivery, "bounced", esp_event={"Type": "HardBounce"}, mta_response=reply)
    row = ProviderEvent.objects.get()
    assert (row.provider, row.kind, row.verdict) == ("Postmark", "bounced", "hard")
    assert row.said == f"HardBounce: {reply}"
    assert (row.happened_at, row.received_at) == (NOW + 5 * MINUTE, NOW + 6 * MINUTE)
    assert (row.delivery, row.subscriber, row.domain) == (
        delivery,
        delivery.subscriber,
        "example.org",
    )


@pytest.mark.parametrize("kind", ["opened", "clicked", "sent", "queued", "unknown"])
def test_of_what_readers_do_with_a_mail_no_row_is_kept(kind: str) -> None:
    assert tell(make_sent(), kind)
    assert not ProviderEvent.objects.exists()


def test_dates_are_those_of_the_first_report_in_whatever_order_they_come() -> None:
    delivery = make_sent()
    for minutes in (9, 3, 6):
        tell(delivery, "delivered", at=NOW + minutes * MINUTE, now=NOW + HOUR)
    delivery.refresh_from_db()
    assert delivery.delivered_at == NOW + 3 * MINUTE


def test_the_sweep_forgets_rows_after_thirty_days() -> None:
    delivery = make_sent()
    tell(delivery, "delivered", now=NOW + HOUR)
    sweep_events(NOW + 30 * DAY)
    assert ProviderEvent.objects.count() == 1
    sweep_events(NOW + 30 * DAY + 2 * HOUR)
    assert ProviderEvent.objects.count() == 0
    delivery.refresh_from_db()
    assert delivery.delivered_at


@pytest.mark.cached
def test_what_is_old_goes_within_minutes_though_it_is_more_than_is_deleted_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert PRUNED_AT_ONCE * 24 * 60 > 2_000_000  # of a day
    monkeypatch.setattr(event_rows, "PRUNED_AT_ONCE", 2)
    delivery = make_sent()
    for minutes in range(5):
        tell(delivery, "delivered", at=NOW + minutes * MINUTE, now=NOW + HOUR)
    for minutes, left in enumerate((3, 1, 0, 0)):
        sweep_events(NOW + 31 * DAY + minutes * MINUTE)
        assert ProviderEvent.objects.count() == left


class TestBeforeTheAnswer:
    """A report can be quicker than the answer to the call, and a mail's id comes with that."""

    def make_claimed(self) -> Delivery:
        return make_delivery(status="claimed", claimed_at=NOW, maybe_sent_at=NOW)

    def test_it_waits_and_then_counts(self) -> None:
        delivery = self.make_claimed()
        assert not tell(delivery, "complained", at=NOW, message_id="m-new")
        sweep_events(NOW + MINUTE)
        assert effects() == ["waiting"]
        Delivery.objects.update(status="sent", sent_at=NOW, message_id="m-new")
        sweep_events(NOW + 2 * MINUTE)
        assert (effects(), Suppression.objects.get().reason) == (["suppressed"], "complaint")
        delivery.refresh_from_db()
        assert delivery.complained_at == NOW

    def test_it_still_has_to_be_about_the_address(self) -> None:
        delivery = self.make_claimed()
        tell(delivery, "complained", at=NOW, message_id="m-new", recipient="else@example.org")
        Delivery.objects.update(status="sent", sent_at=NOW, message_id="m-new")
        sweep_events(NOW + MINUTE)
        assert not Suppression.objects.exists()

    def test_what_fits_nothing_is_gone_after_an_hour(self) -> None:
        tell(self.make_claimed(), "complained", at=NOW, message_id="another")
        for minutes, is_left in ((10, True), (60, True), (62, False)):  # of one hour of the clock
            sweep_events(NOW + timedelta(minutes=minutes))
            assert ProviderEvent.objects.exists() is is_left
