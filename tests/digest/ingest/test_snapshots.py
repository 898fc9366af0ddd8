"""Counts of papers that no page and no trend needs any more do not pile up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from digest.ingest import snapshots
from digest.ingest.snapshots import thin_snapshots
from digest.models import Paper, Snapshot
from digest.tasks import forget_old
from digest.web.period_papers import select_papers
from digest.web.periods import make_week
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD = NOW - 33 * DAY  # noon


def count_hourly(paper: Paper, first: datetime, hours: int) -> None:
    Snapshot.objects.bulk_create(
        Snapshot(paper=paper, taken_at=first + n * HOUR, upvotes=n) for n in range(hours)
    )


def list_moments(paper: Paper) -> list[datetime]:
    return list(paper.snapshots.values_list("taken_at", flat=True))


def test_of_old_days_the_first_and_each_days_last_count_stay() -> None:
    old, other = make_paper(), make_paper()
    count_hourly(old, OLD, 50)
    count_hourly(other, OLD, 2)
    count_hourly(other, NOW, 1)
    assert thin_snapshots(NOW) == 50 - 4
    midnight = OLD.replace(hour=0)
    lasts = [midnight + DAY - HOUR, midnight + 2 * DAY - HOUR, OLD + 49 * HOUR]
    assert list_moments(old) == [OLD, *lasts]
    assert list_moments(other) == [OLD, OLD + HOUR, NOW]
    assert thin_snapshots(NOW) == 0


def test_thirty_days_stay_whole_and_a_clock_that_is_ahead_takes_nothing() -> None:
    paper = make_paper()
    count_hourly(paper, NOW - 30 * DAY, 30 * 24 + 1)
    assert thin_snapshots(NOW) == 0
    assert thin_snapshots(NOW + 365 * DAY) == 0


def test_weeks_count_the_same_votes_as_before() -> None:
    paper = make_paper(news_at=OLD, trend=1.0)
    count_hourly(paper, OLD, 90)
    count_hourly(make_paper(), NOW, 1)
    week = make_week(OLD.date())
    before = [getattr(found, "gained") for found in select_papers(week)]  # noqa: B009 (annotated)
    assert before[0] > 0
    assert thin_snapshots(NOW) > 0
    assert [getattr(found, "gained") for found in select_papers(week)] == before  # noqa: B009


def test_what_has_long_been_old_goes_in_slices_at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "THINNED_AT_ONCE", 5)
    paper = make_paper()
    count_hourly(paper, OLD - 60 * DAY, 24)
    count_hourly(make_paper(), NOW, 1)
    with time_machine.travel(NOW, tick=False):
        forget_old()
    assert paper.snapshots.count() == 24
    with time_machine.travel(NOW.replace(hour=4), tick=False):
        forget_old()
    assert paper.snapshots.count() == 3
