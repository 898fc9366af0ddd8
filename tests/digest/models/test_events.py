"""What can't be true of a report, or of a domain's pause, can't be saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import DomainPause, ProviderEvent
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def make_event(**fields: Any) -> ProviderEvent:
    defaults = {
        "provider": "Postmark",
        "event_id": "e-1",
        "kind": "bounced",
        "verdict": "hard",
        "happened_at": NOW,
        "received_at": NOW,
    }
    return ProviderEvent.objects.create(**(defaults | fields))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"event_id": "e-2", "verdict": "odd"},
        {"event_id": "e-2", "received_at": NOW - timedelta(1)},
    ],
)
def test_a_wrong_report_cannot_be_saved(wrong: dict[str, Any]) -> None:
    make_event()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_event(**wrong)


def test_one_notification_may_be_about_two_mailboxes_and_two_providers_share_an_id() -> None:
    make_event()
    make_event(mailbox="another")
    make_event(provider="Resend")
    assert ProviderEvent.objects.count() == 3
    assert str(ProviderEvent.objects.first()).endswith("e-1: bounced")


def test_a_pause_is_one_for_a_domain_and_ends_after_it_began() -> None:
    hour = timedelta(hours=1)
    DomainPause.objects.create(domain="example.com", paused_at=NOW, until=NOW + hour)
    for wrong in ({}, {"domain": "example.org", "until": NOW - hour}):
        fields: dict[str, Any] = {"domain": "example.com", "paused_at": NOW, "until": NOW} | wrong
        with pytest.raises(IntegrityError), transaction.atomic():
            DomainPause.objects.create(**fields)
    assert DomainPause.objects.running(NOW).count() == 1
    assert not DomainPause.objects.running(NOW + hour).exists()
    assert not DomainPause.objects.running(NOW - hour).exists()
    assert str(DomainPause.objects.get()) == "example.com until 2026-04-22 13:00"
