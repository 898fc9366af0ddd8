"""What was counted of papers at one moment, kept when it changed and once an hour when not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate

from digest.ingest.sources.parsed import ParsedEntry
from digest.models import Paper, Snapshot

BATCH = 500
SNAPSHOT_EVERY = timedelta(hours=1)
KEPT_WHOLE_FOR = timedelta(days=30)
LOOKED_BACK = timedelta(days=7)
THINNED_AT_ONCE, MOST_SLICES = 5_000, 20
NIGHT = 4  # the hour, in UTC, in which all are looked at


def take_snapshots(counted: Iterable[tuple[Paper, ParsedEntry]], now: datetime) -> None:
    """Keep a paper's counts when they changed, and once an hour when they did not."""
    entries = {paper.pk: (paper, entry) for paper, entry in counted}
    own = Snapshot.objects.filter(paper=OuterRef("pk"), taken_at__lte=now).order_by("-taken_at")
    newest = Paper.objects.filter(pk__in=entries).values_list(Subquery(own.values("pk")[:1]))
    last = {row.paper_id: row for row in Snapshot.objects.filter(pk__in=newest)}
    rows = [_make_snapshot(paper, entry, now) for paper, entry in entries.values()]
    Snapshot.objects.bulk_create(
        [row for row in rows if _is_worth_keeping(row, last.get(row.paper_id))],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _make_snapshot(paper: Paper, entry: ParsedEntry, now: datetime) -> Snapshot:
    return Snapshot(
        paper=paper,
        taken_at=now,
        upvotes=entry.upvotes or 0,
        comments=entry.comments or 0,
        stars=paper.code_stars,
    )


def _is_worth_keeping(row: Snapshot, last: Snapshot | None) -> bool:
    if last is None or row.taken_at - last.taken_at >= SNAPSHOT_EVERY:
        return True
    now, then = ((s.upvotes, s.comments, s.stars) for s in (row, last))
    return now != then


def thin_snapshots(now: datetime) -> int:
    """Of each paper keep the first count and each day's last, where they are older than 30 days.

    Trends ask for two weeks, and pages for whole days. Returns how many were deleted: the rest
    waits for the next call. Looks at what grew old lately, and at four in the night at all.
    """
    newest = Snapshot.objects.order_by("-pk").values_list("taken_at", flat=True).first()
    # Not of 30 days before `now` alone: a clock that is a year ahead would take them all.
    horizon = min(now, newest or now) - KEPT_WHOLE_FOR
    horizon = horizon.replace(hour=0, minute=0, second=0, microsecond=0)
    of_late, deleted = Snapshot.objects.filter(taken_at__gte=horizon - LOOKED_BACK), 0
    for rows in [of_late] + [Snapshot.objects.all()] * (MOST_SLICES if now.hour == NIGHT else 0):
        ids = list(_select_needless(rows, horizon).values_list("pk", flat=True)[:THINNED_AT_ONCE])
        deleted += Snapshot.objects.filter(pk__in=ids).delete()[0]
        if rows is not of_late and not ids:
            break
    return deleted


def _select_needless(rows: QuerySet[Snapshot], before: datetime) -> QuerySet[Snapshot]:
    """Those taken before a moment that are neither a paper's first nor the last of their day."""
    day = TruncDate("taken_at", tzinfo=UTC)
    own = Snapshot.objects.filter(paper=OuterRef("paper")).order_by().annotate(day=day)
    earlier = own.filter(taken_at__lt=OuterRef("taken_at"))
    later = own.filter(taken_at__gt=OuterRef("taken_at"), day=OuterRef("day"))
    old = rows.filter(taken_at__lt=before).annotate(day=day)
    return old.filter(Exists(earlier), Exists(later)).order_by("taken_at")
