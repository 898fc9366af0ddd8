"""A domain that blocks us is left alone for some hours, and its people are not to blame."""

from __future__ import annotations

import logging

import pytest

from digest.models import DomainPause, ProviderEvent
from digest.track import sweep_events
from digest.track.domain_pauses import MAILBOXES, PAUSE, pause_domain
from subscribers.models import Subscriber, Suppression
from tests.digest.track.reports import (
    DAY,
    HOUR,
    MINUTE,
    effects,
    make_sent,
    tell,
    tell_blocked,
    tell_soft,
)
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db


def block(count: int, domain: str = "example.com", **fields: object) -> None:
    for _ in range(count):
        reader = make_subscriber(email=f"r{Subscriber.objects.count()}@{domain}")
        tell_blocked(make_sent(reader, **fields))


def test_a_burst_pauses_its_domain_and_wakes_somebody(caplog: pytest.LogCaptureFixture) -> None:
    block(MAILBOXES - 1)
    assert not DomainPause.objects.exists()
    block(1)
    pause = DomainPause.objects.get()
    assert (pause.domain, pause.until - pause.paused_at) == ("example.com", PAUSE)
    alarms = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert ["Mail to example.com is blocked" in alarm.getMessage() for alarm in alarms] == [True]
    assert set(effects()) == {"domain"}
    block(3)
    assert DomainPause.objects.get().until == pause.until


def test_blocks_of_one_mailbox_are_no_burst() -> None:
    delivery = make_sent(make_subscriber(email="one@example.com"))
    for _ in range(9):
        tell_blocked(delivery)
    assert not DomainPause.objects.exists()


def test_some_blocks_among_many_deliveries_are_no_burst() -> None:
    for n in range(12):
        tell(make_sent(make_subscriber(email=f"ok{n}@example.com")), "delivered")
    block(MAILBOXES)
    assert not DomainPause.objects.exists()


def test_old_news_of_blocks_pauses_nothing_today() -> None:
    for n in range(9):
        delivery = make_sent(make_subscriber(email=f"r{n}@example.com"))
        tell_blocked(delivery, at=NOW, now=NOW + 3 * HOUR)
    assert not DomainPause.objects.exists()


def test_full_mailboxes_and_our_own_faults_are_no_burst() -> None:
    for n in range(9):
        tell_soft(make_sent(make_subscriber(email=f"full{n}@example.com")))
        ours = make_sent(make_subscriber(email=f"ours{n}@example.com"))
        tell(ours, "rejected", esp_event={"Type": "DMARCPolicy"})
    assert not DomainPause.objects.exists()


def test_nobody_at_a_domain_that_blocks_us_is_suppressed_however_long() -> None:
    readers = [make_subscriber(email=f"r{n}@example.com") for n in range(MAILBOXES + 2)]
    for day in range(5):
        for reader in readers:
            tell_blocked(make_sent(reader, day))
    assert not Suppression.objects.exists()


def test_whoever_was_suppressed_just_before_the_burst_was_seen_is_free_again() -> None:
    first = make_subscriber(email="first@example.com", confirmed_at=NOW - DAY)
    for day in range(3):
        tell_blocked(make_sent(first, day))
    assert Suppression.objects.count() == 1
    for n in range(MAILBOXES):
        reader = make_subscriber(email=f"r{n}@example.com")
        tell_blocked(make_sent(reader, 2), now=NOW + 2 * DAY + 10 * MINUTE)
    assert DomainPause.objects.exists()
    assert not Suppression.objects.exists()


def test_a_single_mailbox_that_blocks_us_three_times_is_let_go() -> None:
    reader = make_subscriber(email="one@example.com", confirmed_at=NOW - DAY)
    for day in range(3):
        tell_blocked(make_sent(reader, day))
    assert Suppression.objects.get() in Suppression.objects.about(reader.email)


def test_a_pause_that_is_over_can_begin_anew_and_is_forgotten_after_a_month() -> None:
    block(MAILBOXES)
    ProviderEvent.objects.all().delete()
    block(MAILBOXES, days=1)
    assert DomainPause.objects.get().paused_at > NOW + DAY
    sweep_events(NOW + 32 * DAY)
    assert not DomainPause.objects.exists()


def test_a_pause_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    pause_domain("example.org", "554 5.7.1 <ada@example.org>: rejected", NOW)
    assert "ada" not in DomainPause.objects.get().reason
    assert "ada" not in caplog.text
