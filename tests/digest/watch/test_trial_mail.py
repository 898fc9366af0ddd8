"""A report of a test mail is kept for whoever awaits it, and no other is."""

from __future__ import annotations

from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, EventType
from django.core.cache import cache

from digest.watch import trial_mail

pytestmark = pytest.mark.cached
ADDRESS = "me@example.org"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def report(event_type: str, **fields: Any) -> None:
    said: dict[str, Any] = {"recipient": "Me@Example.org", "message_id": "id", "metadata": {}}
    event = AnymailTrackingEvent(event_type=event_type, **said | fields)
    trial_mail.on_tracking_event(None, event)


def test_a_report_is_found_by_the_providers_id_or_by_our_key() -> None:
    trial_mail.expect_report(ADDRESS)
    assert trial_mail.read_report(ADDRESS, "id", "key") == ""
    report(EventType.DELIVERED)
    assert trial_mail.read_report(ADDRESS, "id", "key") == "delivered"
    assert trial_mail.read_report(ADDRESS, "another", "key") == ""
    report(EventType.QUEUED, message_id=None, metadata={"delivery": "key"})
    assert trial_mail.read_report(ADDRESS, "", "key") == "queued"
    report(EventType.SENT, message_id=None, tags=["tag"])
    assert trial_mail.read_report(ADDRESS, "", "tag") == "sent"


def test_of_several_reports_the_most_telling_is_read() -> None:
    trial_mail.expect_report(ADDRESS)
    for event_type in (EventType.QUEUED, EventType.BOUNCED, EventType.DELIVERED):
        report(event_type)
    assert trial_mail.read_report(ADDRESS, "id", "key") == "bounced"


def test_nothing_is_kept_where_nobody_waits() -> None:
    report(EventType.DELIVERED)
    trial_mail.expect_report("other@example.org")
    report(EventType.DELIVERED)
    assert trial_mail.read_report(ADDRESS, "id", "key") == ""


def test_an_earlier_test_mails_report_is_forgotten() -> None:
    trial_mail.expect_report(ADDRESS)
    report(EventType.DELIVERED)
    trial_mail.expect_report(ADDRESS)
    assert trial_mail.read_report(ADDRESS, "id", "key") == ""


def test_no_address_is_kept_in_plain_text() -> None:
    assert "me@" not in trial_mail._name_entry(ADDRESS)


def test_what_was_opened_or_clicked_is_not_kept() -> None:
    trial_mail.expect_report(ADDRESS)
    report(EventType.OPENED)
    assert trial_mail.read_report(ADDRESS, "id", "key") == ""


def test_odd_reports_are_passed_over() -> None:
    trial_mail.expect_report(ADDRESS)
    report(EventType.DELIVERED, recipient=7)
    report(EventType.DELIVERED, recipient=None)
    report(EventType.DELIVERED, message_id=None, metadata=["odd"])
    assert trial_mail.read_report(ADDRESS, "id", "key") == ""
