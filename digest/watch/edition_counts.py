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
    if known and at and now - at < COUNTED_LATELY and sum(known.values()) > MOST_COUNTED:
        return known, at
    key = f"edition-live-{edition.pk}"
    counted = forgiving_cache.read_value(key)
    if counted is None:
        counted = count_statuses(edition.pk)
        forgiving_cache.write_value(key, counted, LIVE_SECONDS)
    return counted, now
