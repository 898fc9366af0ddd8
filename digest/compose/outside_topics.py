"""One strong paper from outside a subscriber's topics, for those who want it.

Strong is a paper that came in during the last REACH, has at least STRONG_VOTES votes and a trend
of at least STRONG_TREND: twice what the median paper of its day and category gets for its votes
when they are fresh. It is added to a digest that has papers already,
never to a first one, and never makes a quiet day a day with mail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.compose.candidates import Choice
from digest.compose.profiles import Profile
from digest.models import Match, Paper, Section, TrendParts

STRONG_VOTES = 25
STRONG_TREND = 2.0
REACH = timedelta(days=3)
MOST = 5  # looked at: whoever follows the first one's topics may get the second
# In a full digest it takes the last place, if that paper is not trending and enough others stay.
FEWEST_BESIDE = 3


@dataclass(frozen=True)
class StrongPaper:
    """One strong paper, and the ids of the topics that found it."""

    paper_id: int
    trend: float
    first_seen_at: datetime
    topics: frozenset[int]

    def is_outside(self, profile: Profile) -> bool:
        """Whether it is in no topic that they follow or mute."""
        topics = self.topics
        return topics.isdisjoint(profile.follows) and topics.isdisjoint(profile.mutes)


class OutsideTopics:
    """The strong papers known at `now`, the strongest first."""

    def __init__(self, now: datetime) -> None:
        rows = Paper.objects.available_between(now - REACH, now).filter(trend__gte=STRONG_TREND)
        columns = ("pk", "trend", "first_seen_at", "trend_parts")
        strong = [
            (pk, trend, seen_at)
            for pk, trend, seen_at, stored in rows.trending().values_list(*columns)
            if TrendParts.from_json(stored).votes >= STRONG_VOTES
        ][:MOST]
        topics = _read_topics([pk for pk, _, _ in strong])
        self._papers = [StrongPaper(*row, frozenset(topics[row[0]])) for row in strong]

    def find_earliest_suspect(self, profile: Profile) -> datetime | None:
        """When the oldest of them that this subscriber might already have was first seen."""
        since = profile.since
        if since is None or not profile.wants_outside_topics:
            return None
        early = [paper for paper in self._papers if paper.first_seen_at <= since]
        seen = [paper.first_seen_at for paper in early if paper.is_outside(profile)]
        return min(seen, default=None)

    def add_to(
        self, choices: Sequence[Choice], profile: Profile, sent: AbstractSet[int]
    ) -> Sequence[Choice]:
        """The choices with the strongest paper that is new to the subscriber as their last one."""
        stay = _make_room(choices, profile.max_papers)
        if not stay or profile.since is None or not profile.wants_outside_topics:
            return choices
        taken = sent | {choice.paper_id for choice in choices}
        for strong in self._papers:
            if strong.paper_id not in taken and strong.is_outside(profile):
                return [*stay, Choice(strong.paper_id, strong.trend, (), Section.OUTSIDE)]
        return choices


def _make_room(choices: Sequence[Choice], max_papers: int) -> Sequence[Choice]:
    """The choices that stay beside one more; none where it would take a better one's place."""
    if len(choices) < max_papers:
        return choices
    if choices[-1].section not in (Section.NEW, Section.PASSING) or len(choices) <= FEWEST_BESIDE:
        return []
    return choices[:-1]


def _read_topics(paper_ids: Sequence[int]) -> dict[int, set[int]]:
    """By paper the ids of the topics that find it."""
    topics: dict[int, set[int]] = defaultdict(set)
    rows = Match.objects.filter(paper_id__in=paper_ids)
    for paper_id, topic_id in rows.values_list("paper_id", "topic_id"):
        topics[paper_id].add(topic_id)
    return topics
