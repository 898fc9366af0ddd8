"""Where the service takes a new time over, what waits has waited as long as before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Model

from digest.deliver.claims import claim, claim_call, release_claims
from digest.deliver.provider.traits import TRAITS, ProviderTraits
from digest.models import (
    Delivery,
    DomainPause,
    HostTurn,
    ProviderEvent,
    ProviderPause,
    Source,
)
from digest.watch.waiting_moments import move_requests, move_waiting_moments
from subscribers.models import Mailbox
from subscribers.signup.send_confirmation import send_waiting
from tests.factories import NOW, make_delivery, make_pause, make_source, make_subscriber

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (60, 3600, 86400))
STEPS = [DAY, -2 * HOUR]


def read(row: Model, name: str) -> datetime:
    moment: datetime = type(row)._default_manager.values_list(name, flat=True).get(pk=row.pk)
    return moment


def make_waiting() -> list[tuple[Model, str]]:
    """A row of everything that waits, with the column that says for when."""
    Source.objects.all().delete()
    planned = make_delivery(retry_at=NOW + HOUR, maybe_sent_at=NOW, claimed_at=NOW)
    doubtful = make_delivery(status="in_doubt", retry_at=NOW, maybe_sent_at=NOW, claimed_at=NOW)
    pause = make_pause()
    domain = DomainPause.objects.create(domain="a.org", paused_at=NOW, until=NOW + HOUR)
    report = {"provider": "x", "event_id": "1", "kind": "x", "verdict": "soft"}
    event = ProviderEvent.objects.create(**report, happened_at=NOW, received_at=NOW)
    turn = HostTurn.objects.create(host="arxiv.org", free_at=NOW)
    source = make_source(next_fetch_at=NOW + HOUR)
    return [
        *((planned, name) for name in ("retry_at", "maybe_sent_at", "claimed_at")),
        *((doubtful, name) for name in ("retry_at", "maybe_sent_at", "claimed_at")),
        *((pause, name) for name in ("paused_at", "until")),
        *((domain, name) for name in ("paused_at", "until")),
        *((event, name) for name in ("happened_at", "received_at")),
        (turn, "free_at"),
        (source, "next_fetch_at"),
    ]


@pytest.mark.parametrize("step", STEPS)
def test_whatever_waits_moves_along(step: timedelta) -> None:
    waiting = make_waiting()
    before = [read(*one) for one in waiting]
    move_waiting_moments(step)
    assert [read(*one) - was for one, was in zip(waiting, before, strict=True)] == [step] * 14


def test_no_column_that_waits_is_forgotten() -> None:
    """A new moment in these tables is either moved or named here, with why it stays."""
    stay = {
        "Delivery.covers_until",  # papers are new by it; expires_at moves in its place
        *(f"Delivery.{what}_at" for what in ("sent", "delivered", "bounced", "complained")),
        "Delivery.unsubscribed_at",
        "Source.last_asked_at",
        "Source.last_fetched_at",
        "Source.last_new_at",
        "Source.read_whole_at",
    }
    moved = {f"{type(row).__name__}.{name}" for row, name in make_waiting()}
    moved |= {"Delivery.expires_at"}
    models = (Delivery, DomainPause, HostTurn, ProviderEvent, ProviderPause, Source)
    columns = {
        f"{model.__name__}.{field.name}"
        for model in models
        for field in model._meta.get_fields()
        if getattr(field, "get_internal_type", str)() == "DateTimeField"
    }
    assert columns == moved | stay


def test_what_was_news_for_23_hours_is_so_for_one_more_and_not_for_two() -> None:
    make_delivery(covers_until=NOW - 23 * HOUR)
    for step in STEPS:
        move_waiting_moments(step)
    now = NOW + DAY - 2 * HOUR
    assert release_claims(now + 59 * MINUTE)["expired"] == 0
    assert release_claims(now + 61 * MINUTE)["expired"] == 1


def test_what_was_sent_stays_as_it_was() -> None:
    sent = make_delivery(status="sent", sent_at=NOW, claimed_at=NOW)
    move_waiting_moments(DAY)
    assert read(sent, "claimed_at") == read(sent, "sent_at") == NOW
    assert read(sent, "expires_at") is None


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("age", "is_known"), [(14, True), (16, False)])
def test_a_key_lives_as_long_as_the_provider_knows_it(
    step: timedelta, age: int, is_known: bool
) -> None:
    make_delivery(maybe_sent_at=NOW - age * MINUTE, provider="Brevo")
    move_waiting_moments(step)
    [row] = claim(NOW + step, name_account("Brevo"))
    assert row.status == ("claimed" if is_known else "in_doubt")


def name_account(provider: str) -> ProviderTraits:
    return replace(TRAITS[provider], name=provider)


def test_a_mark_of_the_future_proves_no_key() -> None:
    """Written before the clock was set back, where nobody noticed: how old it is cannot be told."""
    late = NOW + 2 * HOUR
    own = make_delivery(maybe_sent_at=late, provider="Brevo")
    called = make_delivery(maybe_sent_at=late, provider="Resend", call="key")
    assert [row.status for row in claim(NOW, name_account("Brevo"), own.subscriber.email)] != [
        "claimed"
    ]
    assert claim_call(NOW, name_account("Resend")) == []
    called.refresh_from_db()
    assert called.status != "claimed"


def test_requests_of_a_moment_ago_are_not_dropped_when_the_clock_goes_forward() -> None:
    reader = make_subscriber(link_asked_at=NOW - MINUTE, move_asked_at=NOW - MINUTE)
    later = make_subscriber(link_asked_at=NOW + DAY)  # after the step, by a page
    move_requests(DAY, NOW + DAY)
    assert read(reader, "link_asked_at") == read(reader, "move_asked_at") == NOW + DAY - MINUTE
    assert read(later, "link_asked_at") == NOW + DAY


def test_a_confirmation_that_waits_is_sent_after_the_clock_went_forward(
    mailoutbox: list[Any],
) -> None:
    wish = {"topics": ["rag"], "cadence": "daily"}
    asked = {"status": "pending", "confirmed_at": None, "wishes": wish, "wish_asked_at": NOW}
    make_subscriber(**asked)
    make_subscriber(**asked, confirmation_sent_at=NOW)  # this one was sent
    move_requests(2 * DAY, NOW + 2 * DAY)
    send_waiting(NOW + 2 * DAY)
    assert len(mailoutbox) == 1


def test_limits_that_the_clock_left_in_the_future_move_back_with_it() -> None:
    reader = make_subscriber(link_sent_at=NOW, link_asked_at=NOW, confirmation_sent_at=NOW)
    mailbox = Mailbox.objects.create(fingerprint="x", letter_sent_at=NOW)
    move_requests(-2 * HOUR, NOW - 2 * HOUR)
    assert read(reader, "link_sent_at") == read(mailbox, "letter_sent_at") == NOW - 2 * HOUR
    assert read(reader, "confirmation_sent_at") == NOW  # its links name it
    move_requests(-2 * DAY, NOW - 2 * DAY)
    assert read(reader, "confirmation_sent_at") == NOW - 2 * DAY
