"""One strong paper from outside a reader's topics, for those who want it.

Strong is a paper that came in during the last REACH, has at least STRONG_VOTES votes and a trend
of at least STRONG_TREND: twice what the median paper of its day and category gets for its votes
when they are fresh. It is added to a digest that has papers already,
never to a first one, and never makes a quiet day a day with mail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.compose.shortlist import Choice, Reader
from digest.models import Match, Paper, Section, TrendParts

STRONG_VOTES = 25
STRONG_TREND = 2.0
REACH = timedelta(days=3)
MOST = 5  # looked at: whoever follows the first one's topics may get the second
# In a full digest it takes the last place, if that paper is not trending and enough others stay.
FEWEST_BESIDE = 3


@dataclass(frozen=True)
class _Strong:
    paper_id: int
    trend: float
    first_seen_at: datetime
    topics: frozenset[int]  # that found it


class Everywhere:
    """The strong papers known at `now`, the strongest first."""

    def __init__(self, now: datetime) -> None:
        rows = Paper.objects.available_between(now - REACH, now).filter(trend__gte=STRONG_TREND)
        columns = ("pk", "trend", "first_seen_at", "trend_parts")
        strong = [
            (pk, trend, seen_at)
            for pk, trend, seen_at, parts in rows.trending().values_list(*columns)
            if TrendParts.from_json(parts).votes >= STRONG_VOTES
        ][:MOST]
        topics = _topics_of([pk for pk, _, _ in strong])
        self._strong = [_Strong(*row, frozenset(topics[row[0]])) for row in strong]

    def earliest_suspect(self, reader: Reader) -> datetime | None:
        """When the oldest of them that this reader might already have was first seen."""
        since = reader.since
        seen = (s.first_seen_at for s in self._of(reader) if since and s.first_seen_at <= since)
        return min(seen, default=None)

    def add_to(self, choices: Sequence[Choice], reader: Reader, sent: set[int]) -> list[Choice]:
        """The choices with the strongest paper that is new to the reader as their last one."""
        taken = sent | {choice.paper_id for choice in choices}
        strong = next((s for s in self._of(reader) if s.paper_id not in taken), None)
        kept = _with_room(choices, reader.max_papers)
        if strong is None or not kept:
            return list(choices)
        return [*kept, Choice(strong.paper_id, strong.trend, (), Section.OUTSIDE)]

    def _of(self, reader: Reader) -> list[_Strong]:
        """Those outside the reader's topics, followed and muted; none for a first digest."""
        if reader.since is None or not reader.wants_everywhere:
            return []
        return [s for s in self._strong if not s.topics & (reader.follows.keys() | reader.mutes)]


def _with_room(choices: Sequence[Choice], max_papers: int) -> Sequence[Choice]:
    """The choices that stay beside one more; none where it would take a better one's place."""
    if len(choices) < max_papers:
        return choices
    if choices[-1].section != Section.NEW or len(choices) <= FEWEST_BESIDE:
        return []
    return choices[:-1]


def _topics_of(paper_ids: Sequence[int]) -> dict[int, set[int]]:
    topics: dict[int, set[int]] = defaultdict(set)
    rows = Match.objects.filter(paper_id__in=paper_ids)
    for paper_id, topic_id in rows.values_list("paper_id", "topic_id"):
        topics[paper_id].add(topic_id)
    return topics
