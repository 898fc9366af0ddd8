"""The second wave: a paper that was sent, or nearly sent, days ago and breaks out only now.

It breaks out when its votes come at BREAKOUT_VELOCITY a day or more, and at BREAKOUT_FACTOR times
the pace they came at before that day (both as Paper.trend_parts keeps them). Readers whose digest
of SENT_BEFORE to LONGEST_AGO held it, or had it among the few just below the cut, get it once
more; an Encore row remembers that, and its constraint refuses a third time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from digest.compose.shortlist import Choice, Reader, merged_ids
from digest.english import count_of
from digest.models import (
    Delivery,
    Encore,
    Match,
    Paper,
    Section,
    Snapshot,
    TopicReason,
    TrendParts,
)
from digest.models.contents import list_breakout_ids, list_nearly_ids, list_paper_ids

BREAKOUT_VELOCITY = 20.0  # votes a day
BREAKOUT_FACTOR = 3.0
SENT_BEFORE = timedelta(days=6)
LONGEST_AGO = timedelta(days=14)  # nobody counts votes for longer
MOST = 20  # breaking out at once; the fastest of them
FEWEST_BESIDE = 3  # in a full digest it takes the last place only if so many others stay


@dataclass(frozen=True)
class _Wave:
    """One paper that breaks out, and where it was found."""

    paper_id: int
    trend: float
    votes: int
    votes_since_yesterday: int
    topics: dict[int, str] = field(default_factory=dict)  # topic id -> found words
    counts: list[tuple[datetime, int]] = field(default_factory=list)  # votes, the latest first

    def concerns(self, reader: Reader) -> bool:
        """Whether it is in what the reader follows, and in nothing that they mute."""
        is_followed = bool(self.topics.keys() & reader.follows.keys())
        return is_followed and not self.topics.keys() & reader.mutes

    def votes_at(self, moment: datetime) -> int:
        return next((votes for taken_at, votes in self.counts if taken_at <= moment), 0)


@dataclass(frozen=True)
class _Past:
    """What one reader was told of a paper: when last, and whether it was really sent."""

    covers_until: datetime
    day: date
    was_sent: bool


class SecondWave:
    """The papers that break out at `now`, the fastest first, and who had them before."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._waves = _waves(now)
        self._past: dict[tuple[int, int], _Past] = {}  # by subscriber and paper

    def load(self, readers: Iterable[Reader]) -> None:
        """Read what those whom a wave concerns were told of it: two queries for all of them."""
        self._past = {}
        ids = {reader.subscriber_id for reader in readers if self._concerning(reader)}
        if not ids:
            return
        self._read_deliveries(ids)
        encores = _standing().filter(subscriber_id__in=ids)
        for pair in encores.values_list("subscriber_id", "paper_id"):
            self._past.pop(pair, None)

    def _read_deliveries(self, subscriber_ids: set[int]) -> None:
        told = Delivery.objects.reached().filter(subscriber_id__in=subscriber_ids)
        told = told.filter(covers_until__gt=self._now - LONGEST_AGO).order_by("covers_until")
        mine, merged = {wave.paper_id for wave in self._waves}, merged_ids()
        columns = ("subscriber_id", "covers_until", "edition__date", "contents")
        for pk, covers_until, day, contents in told.values_list(*columns).iterator():
            sent = {merged.get(paper_id, paper_id) for paper_id in list_paper_ids(contents)}
            nearly = {merged.get(paper_id, paper_id) for paper_id in list_nearly_ids(contents)}
            for paper_id in (sent | nearly) & mine:
                before = self._past.get((pk, paper_id))
                if paper_id in sent or not (before and before.was_sent):
                    self._past[pk, paper_id] = _Past(covers_until, day, paper_id in sent)

    def _concerning(self, reader: Reader) -> list[_Wave]:
        if reader.since is None or reader.is_paused:
            return []
        return [wave for wave in self._waves if wave.concerns(reader)]

    def add_to(self, choices: Sequence[Choice], reader: Reader) -> list[Choice]:
        """The choices with the fastest of the reader's waves behind what is trending."""
        chosen = {choice.paper_id for choice in choices}
        again = next((c for c in self._choices(reader) if c.paper_id not in chosen), None)
        is_full = len(choices) >= reader.max_papers
        if again is None or (is_full and len(choices) <= FEWEST_BESIDE):
            return list(choices)
        kept = choices[:-1] if is_full else choices
        trending = [choice for choice in kept if choice.section == Section.TRENDING]
        return [*trending, again, *(c for c in kept if c.section != Section.TRENDING)]

    def _choices(self, reader: Reader) -> Iterable[Choice]:
        for wave in self._concerning(reader):
            past = self._past.get((reader.subscriber_id, wave.paper_id))
            if past and past.covers_until <= self._now - SENT_BEFORE:
                reasons = tuple(
                    TopicReason(pk, query, wave.topics[pk])
                    for pk, query in reader.follows.items()
                    if pk in wave.topics
                )
                said = _evidence(wave, past)
                yield Choice(wave.paper_id, wave.trend, reasons, Section.BREAKOUT, said)


def remember(deliveries: Iterable[Delivery]) -> None:
    """Write an Encore for every paper that comes once more, in the deliveries' own transaction.

    One whose mail never left makes room for the next.
    """
    rows = [
        Encore(subscriber_id=delivery.subscriber_id, paper_id=paper_id, delivery=delivery)
        for delivery in deliveries
        for paper_id in list_breakout_ids(delivery.contents)
    ]
    if rows:
        gone = Encore.objects.exclude(pk__in=_standing().values("pk"))
        gone.filter(subscriber_id__in={row.subscriber_id for row in rows}).delete()
    Encore.objects.bulk_create(rows)


def _standing() -> QuerySet[Encore]:
    """The encores whose mail left, or may still leave."""
    return Encore.objects.filter(delivery__in=Delivery.objects.reached())


def _evidence(wave: _Wave, past: _Past) -> str:
    """+180 votes since we sent it on 12 April, 64 of them since yesterday"""
    grown = wave.votes - wave.votes_at(past.covers_until)
    day = f"{past.day.day} {past.day:%B}"
    when = f"we sent it on {day}" if past.was_sent else f"it just missed your digest of {day}"
    recent = min(wave.votes_since_yesterday, grown)
    return f"+{count_of(grown, 'vote')} since {when}, {recent} of them since yesterday"


def _waves(now: datetime) -> list[_Wave]:
    rows = Paper.objects.filter(
        first_seen_at__gt=now - LONGEST_AGO,
        first_seen_at__lte=now - SENT_BEFORE,
        trend_parts__velocity__gte=BREAKOUT_VELOCITY,
    )
    stored = dict(rows.values_list("pk", "trend_parts"))
    parts = {pk: TrendParts.from_json(one) for pk, one in stored.items()}
    fast = [pk for pk, one in parts.items() if is_breakout(one)]
    fast.sort(key=lambda pk: (-parts[pk].velocity, pk))
    found, counts = _topics(fast[:MOST]), _counts(fast[:MOST], now)
    return [
        _Wave(
            paper_id=pk,
            trend=parts[pk].trend,
            votes=parts[pk].votes,
            votes_since_yesterday=parts[pk].votes_since_yesterday,
            topics=found[pk],
            counts=counts[pk],
        )
        for pk in fast[:MOST]
    ]


def is_breakout(parts: TrendParts) -> bool:
    """Whether votes come fast, and far faster than before."""
    is_fast = parts.velocity >= BREAKOUT_VELOCITY
    return is_fast and parts.velocity >= BREAKOUT_FACTOR * parts.pace


def _topics(paper_ids: Sequence[int]) -> Mapping[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Match.objects.filter(paper_id__in=paper_ids)
    for paper_id, topic_id, where in rows.values_list("paper_id", "topic_id", "where"):
        found[paper_id][topic_id] = where
    return found


def _counts(paper_ids: Sequence[int], now: datetime) -> Mapping[int, list[tuple[datetime, int]]]:
    counts: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    rows = Snapshot.objects.filter(paper_id__in=paper_ids, taken_at__lte=now).order_by("-taken_at")
    for paper_id, taken_at, votes in rows.values_list("paper_id", "taken_at", "upvotes"):
        counts[paper_id].append((taken_at, votes))
    return counts
