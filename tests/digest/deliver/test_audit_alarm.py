"""A promise that is broken in the rows is told once, and once more when it holds again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache

from digest.deliver import audit_alarm
from digest.deliver.audit import Finding
from digest.deliver.audit_alarm import watch_promises
from digest.models import Delivery, OperatorAlarm
from tests.factories import NOW, make_delivery, make_reader

pytestmark = [pytest.mark.cached, pytest.mark.django_db]
HOUR = timedelta(hours=1)


def test_a_mail_to_somebody_who_had_left_is_told_and_ends_when_the_row_is_right() -> None:
    reader = make_reader("RAG")
    reader.unsubscribe(NOW - HOUR)
    make_delivery(subscriber=reader, status="sent", sent_at=NOW, claimed_at=NOW)
    for minute in range(3):
        watch_promises(NOW + timedelta(minutes=minute))
    alarm = OperatorAlarm.objects.get()
    assert (alarm.kind, alarm.resolved_at) == ("audit-broken", None)
    assert "“Nobody unconfirmed, unsubscribed or suppressed is mailed” (1 " in alarm.sentence
    assert "First hold the edition" in alarm.sentence
    Delivery.objects.all().delete()
    watch_promises(NOW + HOUR)
    assert OperatorAlarm.objects.get().resolved_at == NOW + HOUR


def test_it_reads_all_rows_once_a_day_alone_while_all_is_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    audits: list[datetime] = []

    def note_audit(now: datetime) -> list[Finding]:
        audits.append(now)
        return []

    monkeypatch.setattr(audit_alarm, "audit", note_audit)
    for hour in range(3):
        watch_promises(NOW + hour * HOUR)
    assert audits == [NOW]
    cache.clear()
    watch_promises(NOW + 24 * HOUR)
    assert len(audits) == 2


def test_mails_in_doubt_are_left_to_their_own_alarm() -> None:
    make_delivery(status="in_doubt", maybe_sent_at=NOW)
    watch_promises(NOW)
    assert not OperatorAlarm.objects.exists()
