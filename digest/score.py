"""Stage 2. Give each recent paper one number: how much it is talked about now.

For each sign of interest x (votes, votes a day, comments, stars, weight of further sources), with
m the median of x among the popular papers listed on the same day in the same category:

    part(x) = WEIGHTS[x] · ln(1 + x) / ln(1 + max(m, 1))
    trend   = Σ part(x) · 0.5 ^ (whole hours since listed / HALF_LIFE_HOURS)

So a paper with the votes of its day's median gets the whole weight for them, and ten times the
votes count for more but not for ten times more. Without any sign of interest the trend is 0.
The parts and the raw counts they came from are stored beside the number.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Q, QuerySet

from digest.models import Entry, Paper, Snapshot, Source

WEIGHTS = {"votes": 1.0, "velocity": 0.6, "comments": 0.4, "stars": 0.3, "sources": 0.5}
HALF_LIFE_HOURS = 48
WINDOW = timedelta(days=14)  # older papers keep the last trend they had, and that is near 0
SMALLEST_GROUP = 5  # with fewer papers in a category, the whole day is the yardstick
BATCH = 500
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Signs:
    """What is known of one paper's popularity at one moment. Counts; velocity is votes a day."""

    paper_id: int
    category: str
    listed_at: datetime  # when a source that counts first listed it
    votes: int
    velocity: float
    pace: float  # votes a day before the day that velocity looks at
    comments: int
    stars: int
    sources: float  # the weights of further independent sources, beyond the first
    mentioned_by: int  # independent sources, all of them
    votes_since_yesterday: int

    def values(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in WEIGHTS}

    @property
    def is_popular(self) -> bool:
        return any(self.values().values())


@dataclass(frozen=True)
class ScoreReport:
    """How many recent papers there were, and how many of them are trending."""

    papers: int
    trending: int


def score_papers(now: datetime) -> ScoreReport:
    """Score every paper first seen, or counted, within WINDOW before `now`.

    Safe to run twice: the same rows at the same `now` give the same numbers.
    """
    papers = {paper.pk: paper for paper in _recent(now).only("id", "categories", "trend_parts")}
    signs = list(_gather(papers, now))
    yardstick = Yardstick(signs)
    trending, changed = 0, []
    for sign in signs:
        paper, parts = papers[sign.paper_id], explain(sign, yardstick, now)
        trending += parts["trend"] > 0
        if parts != paper.trend_parts:
            paper.trend, paper.trend_parts = parts["trend"], parts
            changed.append(paper)
    Paper.objects.bulk_update(changed, ["trend", "trend_parts"], batch_size=BATCH)
    return ScoreReport(len(signs), trending)


def explain(sign: Signs, yardstick: Yardstick, now: datetime) -> dict[str, Any]:
    """The trend with all it is made of, as stored in Paper.trend_parts."""
    medians = yardstick.medians(sign)
    parts = {name: part(name, x, medians[name]) for name, x in sign.values().items()}
    hours = int((now - sign.listed_at) / timedelta(hours=1))  # whole, so rows change once an hour
    decay = 0.5 ** (hours / HALF_LIFE_HOURS)
    return {
        "trend": round(sum(parts.values()) * decay, 4),
        "parts": {name: round(value, 4) for name, value in parts.items()},
        "medians": medians,
        "decay": round(decay, 4),
        "velocity": round(sign.velocity, 2),
        "pace": round(sign.pace, 2),
        "votes": sign.votes,
        "votes_since_yesterday": sign.votes_since_yesterday,
        "comments": sign.comments,
        "stars": sign.stars,
        "sources": sign.mentioned_by,
        "days": hours // 24 + 1,
    }


def part(name: str, x: float, middle: float) -> float:
    """One sign's share of the trend, 0 when x is 0; the formula at the top of this file."""
    return WEIGHTS[name] * math.log1p(x) / math.log1p(max(middle, 1))


class Yardstick:
    """The medians of one day and category, or of the day where the category is small."""

    def __init__(self, signs: Iterable[Signs]) -> None:
        self._groups: dict[tuple[Any, ...], list[Signs]] = defaultdict(list)
        for sign in signs:
            if sign.is_popular:
                self._groups[self._day(sign)].append(sign)
                self._groups[(*self._day(sign), sign.category)].append(sign)
        self._medians: dict[tuple[Any, ...], dict[str, float]] = {}

    @staticmethod
    def _day(sign: Signs) -> tuple[Any, ...]:
        return (sign.listed_at.date(),)

    def medians(self, sign: Signs) -> Mapping[str, float]:
        group: tuple[Any, ...] = (*self._day(sign), sign.category)
        if len(self._groups[group]) < SMALLEST_GROUP:
            group = self._day(sign)
        if group not in self._medians:
            rows = [one.values() for one in self._groups[group]]
            self._medians[group] = {
                name: float(median(row[name] for row in rows)) if rows else 0.0 for name in WEIGHTS
            }
        return self._medians[group]


def _recent(now: datetime) -> QuerySet[Paper]:
    seen = Q(first_seen_at__gt=now - WINDOW) | Q(news_at__gt=now - WINDOW)
    return Paper.objects.filter(seen, first_seen_at__lte=now)


def _gather(papers: Mapping[int, Paper], now: datetime) -> Iterator[Signs]:
    """Signs for each of the papers, from its entries and snapshots up to `now`."""
    ids = list(papers)
    for start in range(0, len(ids), BATCH):
        chunk = ids[start : start + BATCH]
        mentions = _mentions(chunk, now)
        snapshots = _snapshots(chunk, now)
        for pk in chunk:
            if pk in mentions:
                yield _signs(papers[pk], mentions[pk], snapshots.get(pk, []), now)


@dataclass
class Mention:
    """Who mentions one paper: independent sources with their weights, and since when."""

    weights: dict[str, float]
    since: datetime
    counted_since: datetime | None = None  # by a source that counts votes


def _mentions(paper_ids: list[int], now: datetime) -> dict[int, Mention]:
    found: dict[int, Mention] = {}
    rows = Entry.objects.filter(paper_id__in=paper_ids, seen_at__lte=now).select_related("source")
    for entry in rows.order_by("published_at"):
        since = min(entry.published_at, entry.seen_at)
        mention = found.setdefault(entry.paper_id, Mention({}, since))
        mention.weights[_voice(entry.source)] = entry.source.weight
        if entry.source.kind == Source.Kind.HUGGINGFACE:
            mention.counted_since = mention.counted_since or since
    return found


def _voice(source: Source) -> str:
    """Two lists of one archive are one voice; every other feed is its own."""
    return source.url if source.kind == Source.Kind.FEED else source.kind


def _snapshots(paper_ids: list[int], now: datetime) -> dict[int, list[Snapshot]]:
    found: dict[int, list[Snapshot]] = defaultdict(list)
    rows = Snapshot.objects.filter(paper_id__in=paper_ids, taken_at__lte=now)
    for snapshot in rows.order_by("taken_at"):
        found[snapshot.paper_id].append(snapshot)
    return found


def _signs(paper: Paper, mention: Mention, snapshots: list[Snapshot], now: datetime) -> Signs:
    last = snapshots[-1] if snapshots else None
    grown, per_day, pace = _growth(snapshots, now)
    weights = sorted(mention.weights.values())
    return Signs(
        paper_id=paper.pk,
        category=paper.categories[0] if paper.categories else "",
        listed_at=min(mention.counted_since or mention.since, now),
        votes=last.upvotes if last else 0,
        velocity=per_day,
        pace=pace,
        comments=last.comments if last else 0,
        stars=(last.stars or 0) if last else 0,
        sources=sum(weights[:-1]),
        mentioned_by=len(weights),
        votes_since_yesterday=grown,
    )


def _growth(snapshots: list[Snapshot], now: datetime) -> tuple[int, float, float]:
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
