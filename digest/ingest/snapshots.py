"""What was counted of papers at one moment, kept when it changed and once an hour when not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from digest.ingest.sources.parsed import ParsedEntry
from digest.models import Paper, Snapshot

BATCH = 500
SNAPSHOT_EVERY = timedelta(hours=1)


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
