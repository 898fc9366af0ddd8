"""An edition's deliveries by status, without reading a hundred thousand rows for each who asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from digest.models import DailyFigure, Edition
from digest.watch.daily_figures import count_statuses
from digest.watch.figures import MOST_COUNTED
from subscribers import forgiving_cache

LIVE_SECONDS = 5.0  # whoever looks again within these is told the same
COUNTED_LATELY = timedelta(seconds=150)
Name = DailyFigure.Name


def read_counts(edition: Edition, now: datetime) -> tuple[Mapping[str, float], datetime]:
    """As `choose_counts`, with what the task counted read first."""
    rows = DailyFigure.objects.filter(name=Name.DELIVERIES, date=edition.date)
    known = dict(rows.values_list("part", "value"))
    last = DailyFigure.objects.filter(name=Name.COUNTED).order_by("-date")
    at = last.values_list("value", flat=True).first()
    return choose_counts(edition, now, known, datetime.fromtimestamp(at, UTC) if at else None)


def choose_counts(
    edition: Edition, now: datetime, known: Mapping[str, float] | None, at: datetime | None
) -> tuple[Mapping[str, float], datetime]:
    """What the task counted at `at` where it is much and fresh, else counted now; and when."""
    # A moment that is still to come was noted by a clock which has been set back since.
    is_fresh = at is not None and timedelta(0) <= now - at < COUNTED_LATELY
    if known and at and is_fresh and sum(known.values()) > MOST_COUNTED:
        return known, at
    key = f"edition-counts-{edition.pk}"
    kept: tuple[Mapping[str, float], datetime] | None = forgiving_cache.read_value(key)
    if kept is None:
        kept = count_statuses(edition.pk), now
        forgiving_cache.write_value(key, kept, LIVE_SECONDS)
    return kept
