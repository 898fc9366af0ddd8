"""What is known of a paper's popularity at one moment, read from entries and snapshots."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from django.db.models import Q, QuerySet

from digest.models import Entry, Paper, Snapshot, Source

SIGNAL_NAMES = ("votes", "velocity", "comments", "stars", "sources")
WINDOW = timedelta(days=14)  # older papers keep the last trend they had, and that is near 0
BATCH = 500
DAY = timedelta(days=1)


@dataclass(frozen=True)
class PopularitySignals:
    """What is known of one paper's popularity at one moment. Counts; velocity is votes a day."""

    paper_id: int
    category: str
    listed_at: datetime  # when a source that counts first listed it
    votes: int
    velocity: float
    pace: float  # votes a day before the day that velocity looks at
    comments: int
    stars: int  # that its code gained since they were first counted
    sources: float  # the weights of further independent sources, beyond the first
    mentioned_by: int  # independent sources, all of them
    votes_since_yesterday: int
    stars_in_all: int = 0
    counted: Sequence[tuple[datetime, int]] = ()  # its votes as they were counted, oldest first

    def list_counts(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in SIGNAL_NAMES}

    @property
    def is_popular(self) -> bool:
        """Whether anybody voted for it, wrote of it or starred its code; who lists it says less."""
        return bool(self.votes or self.velocity or self.comments or self.stars)

    def find_votes_at(self, age: timedelta) -> int | None:
        """Its votes so long after it was listed; None where nobody had counted them by then."""
        by = self.listed_at + age
        known = bisect_right(self.counted, by, key=itemgetter(0))
        return self.counted[known - 1][1] if known else None


def select_recent_papers(now: datetime) -> QuerySet[Paper]:
    """The papers first seen, or news, within WINDOW before `now`."""
    seen = Q(first_seen_at__gt=now - WINDOW) | Q(news_at__gt=now - WINDOW)
    return Paper.objects.filter(seen, first_seen_at__lte=now)


def read_signals(papers: Mapping[int, Paper], now: datetime) -> Iterator[PopularitySignals]:
    """Signals for each of the papers, from its entries and snapshots up to `now`."""
    ids = list(papers)
    for start in range(0, len(ids), BATCH):
        chunk = ids[start : start + BATCH]
        mentions = _read_mentions(chunk, now)
        snapshots = _read_snapshots(chunk, now)
        for pk in chunk:
            if pk in mentions:
                yield _make_signals(papers[pk], mentions[pk], snapshots.get(pk, []), now)


@dataclass
class Mention:
    """Who mentions one paper: independent sources with their weights, and since when."""

    weights: dict[str, float]
    since: datetime
    counted_since: datetime | None = None  # by a source that counts votes


def _read_mentions(paper_ids: list[int], now: datetime) -> dict[int, Mention]:
    found: dict[int, Mention] = {}
    rows = Entry.objects.filter(paper_id__in=paper_ids, seen_at__lte=now).select_related("source")
    for entry in rows.order_by("published_at"):
        since = min(entry.published_at, entry.seen_at)
        mention = found.setdefault(entry.paper_id, Mention({}, since))
        mention.weights[_name_independent_source(entry.source)] = entry.source.weight
        if entry.source.kind == Source.Kind.HUGGINGFACE:
            mention.counted_since = mention.counted_since or since
    return found


def _name_independent_source(source: Source) -> str:
    """Two lists of one archive count as one; every other feed is its own."""
    return source.url if source.kind == Source.Kind.FEED else source.kind


def _read_snapshots(paper_ids: list[int], now: datetime) -> dict[int, list[Snapshot]]:
    found: dict[int, list[Snapshot]] = defaultdict(list)
    rows = Snapshot.objects.filter(paper_id__in=paper_ids, taken_at__lte=now)
    for snapshot in rows.order_by("taken_at"):
        found[snapshot.paper_id].append(snapshot)
    return found


def _make_signals(
    paper: Paper, mention: Mention, snapshots: list[Snapshot], now: datetime
) -> PopularitySignals:
    last = snapshots[-1] if snapshots else None
    grown, per_day, pace = _measure_growth(snapshots, now)
    weights = sorted(mention.weights.values())
    return PopularitySignals(
        paper_id=paper.pk,
        category=paper.categories[0] if paper.categories else "",
        listed_at=min(mention.counted_since or mention.since, now),
        votes=last.upvotes if last else 0,
        velocity=per_day,
        pace=pace,
        comments=last.comments if last else 0,
        stars=_count_new_stars(snapshots),
        sources=sum(weights[:-1]),
        mentioned_by=len(weights),
        votes_since_yesterday=grown,
        stars_in_all=(last.stars or 0) if last else 0,
        counted=[(snapshot.taken_at, snapshot.upvotes) for snapshot in snapshots],
    )


def _count_new_stars(snapshots: Sequence[Snapshot]) -> int:
    """The stars gained since the first count: those from before the paper say nothing of it."""
    counts = [snapshot.stars for snapshot in snapshots if snapshot.stars is not None]
    return max(0, counts[-1] - counts[0]) if counts else 0


def _measure_growth(snapshots: list[Snapshot], now: datetime) -> tuple[int, float, float]:
    """Votes gained since a day before `now`, that as votes a day, and the votes a day before it.

    The count of a day ago is the last one taken by then, else the first one ever taken; with a
    single snapshot nothing is known to have grown.
    """
    if len(snapshots) < 2:
        return 0, 0.0, 0.0
    before = [s for s in snapshots if s.taken_at <= now - DAY]
    base, last = (before or snapshots)[-1 if before else 0], snapshots[-1]
    grown = max(0, last.upvotes - base.upvotes)
    counted_for = (base.taken_at - snapshots[0].taken_at) / DAY
    return (
        grown,
        grown / max(1.0, (now - base.taken_at) / DAY),
        base.upvotes / max(1.0, counted_for),
    )
