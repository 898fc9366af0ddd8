"""All moments in the database that something waits for, moved along when the clock was set.

What counts days for people stays as it is: when digests are due, pauses of readers, days of papers.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from digest.models import (
    EXPIRES_AFTER,
    Delivery,
    DomainPause,
    EditionFlight,
    HostTurn,
    ProviderEvent,
    ProviderPause,
    Source,
)
from subscribers.models import Mailbox, Subscriber

Status = Delivery.Status
DAY = timedelta(days=1)  # confirmations go at least so far apart
_ASKED = ("link_asked_at", "own_link_asked_at", "move_asked_at")


def move_waiting_moments(step: timedelta) -> None:
    """Move by `step` all that the service waits for: what was half over is half over then too.

    Call it in the transaction in which the service's time moves.
    """
    waiting = Delivery.objects.filter(status__in=[Status.PLANNED, Status.IN_DOUBT])
    waiting.update(
        expires_at=Coalesce("expires_at", F("covers_until") + EXPIRES_AFTER) + step,
        **{name: F(name) + step for name in ("retry_at", "maybe_sent_at", "claimed_at")},
    )
    _move_columns(ProviderPause.objects.all(), step, "paused_at", "until")
    _move_columns(DomainPause.objects.all(), step, "paused_at", "until")
    _move_columns(ProviderEvent.objects.all(), step, "happened_at", "received_at")
    _move_columns(HostTurn.objects.all(), step, "free_at")
    _move_columns(Source.objects.all(), step, "next_fetch_at")
    moments = ("since", "checked_at", "looked_at", "canary_until", "counted_from")
    _move_columns(EditionFlight.objects.all(), step, *moments)


def move_requests(step: timedelta, wall: datetime) -> None:
    """Move what visitors asked for, at once: their pages write what the clock shows, `wall`.

    After a step forward only what was written before it is so old; after one back only what is in
    the future was surely written before.
    """
    if step > timedelta():
        _move_open_requests(step, wall - step)
    else:
        _move_future_limits(step, wall)


def _move_open_requests(step: timedelta, before: datetime) -> None:
    """Without it, requests of a moment ago would be dropped as too old."""
    for name in _ASKED:
        asked = Subscriber.objects.filter(**{f"{name}__lte": before})
        _move_columns(asked, step, name)
    # A wish whose confirmation has not been sent: else this would make another one due.
    unsent = Q(confirmation_sent_at=None) | Q(confirmation_sent_at__lte=F("wish_asked_at") - DAY)
    asked = Subscriber.objects.filter(unsent, wish_asked_at__lte=before)
    _move_columns(asked, step, "wish_asked_at")


def _move_future_limits(step: timedelta, wall: datetime) -> None:
    """Without it, whoever got a mail just before would get none until the clock is there again."""
    for name in (*_ASKED, "link_sent_at", "own_link_sent_at"):
        _move_columns(Subscriber.objects.filter(**{f"{name}__gt": wall}), step, name)
    _move_columns(Mailbox.objects.filter(letter_sent_at__gt=wall), step, "letter_sent_at")
    # Its links name a confirmation by this moment, so it stays where it does little harm.
    sent = Subscriber.objects.filter(confirmation_sent_at__gt=wall + DAY)
    _move_columns(sent, step, "confirmation_sent_at")


def _move_columns(rows: QuerySet[Any], step: timedelta, *names: str) -> None:
    rows.update(**{name: F(name) + step for name in names})
