"""Which mails of an edition go first, and when they have been watched for long enough.

The first 1 % of what the edition will have, at least 20. An edition grows all day: what it will
have is the median of the last seven, or what is planned already, whichever is more. The mails are
named by their ids, so that no two workers can let more of them out than that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from digest.flight.breaker import HANDED_OVER
from digest.flight.history import expect_mails
from digest.models import Delivery, Edition, EditionFlight

Status = Delivery.Status

SHARE, FEWEST = 0.01, 20
# More tell no more: of so many, 0.2 % are twenty complaints.
MOST = 10_000
# Below so many mails the first 20 are a tenth of the edition or more: that the readers of a lab all
# wait protects hardly anybody. The breaker watches these editions too.
SMALL_EDITION = 200


def choose_size(edition: Edition) -> int:
    """How many mails go first; 0 where none need to."""
    if not settings.CANARY_MINUTES:
        return 0
    mails = max(_select_planned(edition).count(), expect_mails(edition))
    return 0 if mails < SMALL_EDITION else max(FEWEST, min(MOST, round(mails * SHARE)))


def list_waiting(edition: Edition) -> list[int]:
    """The ids of the oldest planned mails, as many as a small edition can have."""
    rows = _select_planned(edition).order_by("edition_id", "pk")
    return list(rows.values_list("pk", flat=True)[: SMALL_EDITION - 1])


def has_grown(edition: Edition) -> bool:
    """Whether as many mails wait at once as no small edition has."""
    rows = _select_planned(edition).order_by("edition_id", "pk")
    return rows[SMALL_EDITION - 1 : SMALL_EDITION].exists()


def list_more(flight: EditionFlight) -> list[int]:
    """The ids of the oldest planned mails that the canary still lacks."""
    missing = flight.canary_size - len(flight.canary)
    if missing <= 0:
        return []
    planned = Delivery.objects.planned().filter(edition_id=flight.edition_id)
    rows = planned.exclude(pk__in=flight.canary).order_by("edition_id", "pk")
    return list(rows.values_list("pk", flat=True)[:missing])


@dataclass
class Progress:
    """How far the canary has left; `void` are those that are never handed over."""

    chosen: int = 0  # without those
    handed: int = 0
    untried: int = 0
    last: datetime | None = None  # when the last of them was taken
    void: Collection[int] = field(default_factory=set)

    def find_watch_end(self) -> datetime | None:
        """Until when the canary is watched; None while it still has to leave.

        A mail that was tried and is tried again later keeps nobody waiting; but where most of them
        are, as while the provider is away, there is nothing to watch yet.
        """
        if self.chosen < FEWEST or self.untried or self.handed < self.chosen / 2:
            return None
        assert self.last is not None  # whatever was handed over had been claimed
        return self.last + timedelta(minutes=settings.CANARY_MINUTES)


def read_progress(flight: EditionFlight) -> Progress:
    """What became of the canary by now."""
    rows = Delivery.objects.filter(pk__in=flight.canary)
    progress, void = Progress(), set(flight.canary)
    for pk, status, retry_at, claimed_at in rows.values_list(
        "pk", "status", "retry_at", "claimed_at"
    ):
        is_open = status in (Status.PLANNED, Status.CLAIMED)
        if not is_open and status not in HANDED_OVER:
            continue
        void.discard(pk)
        progress.chosen += 1
        progress.untried += is_open and (status == Status.CLAIMED or retry_at is None)
        progress.handed += not is_open
        if claimed_at and not is_open:
            progress.last = max(progress.last or claimed_at, claimed_at)
    progress.void = void
    return progress


def _select_planned(edition: Edition) -> QuerySet[Delivery]:
    return Delivery.objects.planned().filter(edition=edition)
