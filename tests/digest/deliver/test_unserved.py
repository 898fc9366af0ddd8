"""Whom an edition left without their mail is counted, told, and a broken promise if many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digest.deliver import sweep
from digest.deliver.audit import audit
from digest.deliver.audit_alarm import watch_promises
from digest.deliver.unserved import count_unserved, watch_unserved
from digest.models import EXPIRES_AFTER, Delivery, OperatorAlarm
from subscribers.models import Subscriber, Suppression
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def say() -> str:
    """What the audit finds of the promise that everybody is served."""
    [said] = [one.broken for one in audit(NOW) if one.promise.startswith("Everybody is served")]
    return said


def serve(count: int) -> None:
    readers = Subscriber.objects.bulk_create(
        Subscriber(email=f"served{n}@example.org", status="active", confirmed_at=NOW)
        for n in range(count)
    )
    edition = make_delivery(status="sent", sent_at=NOW).edition
    sent = {"edition": edition, "covers_until": NOW, "status": "sent", "sent_at": NOW}
    Delivery.objects.bulk_create(Delivery(subscriber=one, **sent) for one in readers[1:])


def list_lasting() -> list[str]:
    return list(OperatorAlarm.objects.filter(resolved_at=None).values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": "expired"}, "expired before any call: 1"),
        ({"status": "expired", "attempts": 3}, "expired after calls in vain: 1"),
        ({"status": "failed", "attempts": 1}, "failed: 1"),
    ],
)
def test_whoever_was_to_have_a_mail_and_has_none_breaks_the_promise(
    fields: dict[str, Any], why: str
) -> None:
    make_delivery(**fields)
    serve(3)
    make_delivery(status="suppressed")
    make_delivery(status="quiet", quiet_reason="no_match", contents={})
    assert say() == (f"1 of the last editions: 2026-04-22, 1 of 4 readers was not served ({why}).")


@pytest.mark.parametrize(("others", "is_broken"), [(1999, False), (1998, True)])
def test_one_in_a_thousand_is_let_pass_and_more_is_not_those_in_doubt_among_them(
    others: int, is_broken: bool
) -> None:
    make_delivery(status="expired")
    make_delivery(status="in_doubt", maybe_sent_at=NOW, attempts=1)
    serve(others - 1)
    assert bool(say()) is is_broken


def test_whoever_left_or_was_suppressed_before_it_expired_is_nobodys_fault() -> None:
    ended = NOW + EXPIRES_AFTER
    left, late, suppressed, dead = (
        make_delivery(status=status, covers_until=NOW)
        for status in ("expired", "expired", "expired", "failed")
    )
    left.subscriber.unsubscribe(ended - HOUR)
    late.subscriber.unsubscribe(ended + HOUR)  # perhaps for that
    for row, at in ((suppressed, ended - HOUR), (dead, ended + HOUR)):
        Suppression.objects.suppress(row.subscriber.email, "manual")
        Suppression.objects.filter(fingerprint=row.subscriber.mailbox).update(created_at=at)
    found = count_unserved(late.edition)
    assert (found.count, found.never_tried) == (1, 1)
    Suppression.objects.update(created_at=ended + HOUR)
    found = count_unserved(late.edition)
    assert (found.count, found.failed) == (2, 0)


def test_an_edition_that_expired_is_told_once_and_ends_where_a_late_report_shows_otherwise() -> (
    None
):
    row = make_delivery(covers_until=NOW)
    sweep(NOW + EXPIRES_AFTER + HOUR)
    row.refresh_from_db()
    assert row.status == "expired"
    watch_unserved(NOW + EXPIRES_AFTER + HOUR)
    assert list_lasting() == [f"not-served-{row.edition.date}"]
    alarm = OperatorAlarm.objects.get()
    assert f"{row.edition.date} 1 of 1 readers was not served (expired" in alarm.sentence
    watch_unserved(NOW + 2 * DAY)
    assert OperatorAlarm.objects.get().told_at == alarm.told_at  # nobody can mend it any more
    make_delivery(status="failed", attempts=1)
    watch_unserved(NOW + 2 * DAY)
    assert OperatorAlarm.objects.get().told_at == NOW + 2 * DAY
    Delivery.objects.update(status="sent", sent_at=NOW)
    watch_unserved(NOW + 2 * DAY + HOUR)
    assert list_lasting() == []


def test_what_becomes_known_within_the_hour_is_told_when_that_is_over() -> None:
    make_delivery(status="failed")
    watch_unserved(NOW)
    make_delivery(status="failed")
    watch_unserved(NOW + HOUR / 2)
    assert OperatorAlarm.objects.get().told_at == NOW
    watch_unserved(NOW + HOUR)
    alarm = OperatorAlarm.objects.get()
    assert (alarm.told_at, "2 of 2 readers were not served" in alarm.sentence) == (NOW + HOUR, True)


def test_what_is_in_doubt_alone_is_left_to_its_own_alarm_and_last_month_alarms_nobody() -> None:
    make_delivery(status="in_doubt", maybe_sent_at=NOW)
    watch_unserved(NOW)
    assert list_lasting() == []
    make_delivery(status="expired")
    watch_unserved(NOW + 30 * DAY)
    assert list_lasting() == []


@pytest.mark.cached
def test_it_is_looked_for_each_hour_though_the_audit_reads_all_rows_once_a_day() -> None:
    watch_promises(NOW)
    make_delivery(status="expired")
    watch_promises(NOW + HOUR)
    assert list_lasting() == ["not-served-2026-04-22"]
