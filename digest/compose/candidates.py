"""What a choice of papers is made from, and what it comes to.

Candidates are stored matches (digest/compose/shortlist.py), or texts that are read for a preview
(digest/suggest/preview.py): the choice (digest/compose/select.py) is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple, Protocol

from digest.compose.features import TraitKeys
from digest.compose.near_papers import NearPaper
from digest.compose.topic_news import TopicNews
from digest.models import Section, TopicReason


class Choice(NamedTuple):
    """One paper chosen for one subscriber, with a reason for each topic that found it."""

    paper_id: int
    trend: float
    reasons: tuple[TopicReason, ...]
    section: Section
    evidence: str = ""  # where it is not that of the paper's trend
    perhaps_seen: bool = False  # an earlier digest holds it, of which nobody knows whether it came


class CandidateSource(Protocol):
    """Where candidates come from: stored matches, or texts that are read for a preview."""

    newest_at: datetime  # when the newest paper became available

    def load_topics(self, reaches: Mapping[int, datetime]) -> None:
        """Make ready for these topics, each with its papers available after that moment."""

    def count_since(self, since: datetime) -> int:
        """How many papers became available after `since`, whatever they are about."""

    def find_since(self, topic_id: int, since: datetime, *, is_first: bool) -> TopicNews:
        """The topic's papers that became available after `since`.

        `is_first` is true for a first digest: any paper may have been sent before then.
        """

    def list_traits(self, paper_id: int) -> TraitKeys:
        """What the paper has in common with others, for profiles with leanings."""

    def find_holding(self, paper_ids: Collection[int], phrase: str) -> AbstractSet[int]:
        """Those of the papers that hold a phrase, given by its stems; for profiles with senses."""

    def list_near(self, topic_id: int, since: datetime, *, is_first: bool) -> Sequence[NearPaper]:
        """Papers near the topic, of each day since then the first few; none that is on it."""

    def spell_near(self, pairs: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], str]:
        """For each paper and the topic it is near: the words that show it, as Match.where has."""


class NewsSince(dict[int, TopicNews]):
    """By topic its papers that became available after one moment, each topic asked for once."""

    def __init__(self, source: CandidateSource, since: datetime, *, is_first: bool) -> None:
        """`is_first` is as in `find_since`."""
        super().__init__()
        self.source, self.since, self.is_first = source, since, is_first
        self.near = _NearSince(source, since, is_first=is_first)

    def __missing__(self, topic_id: int) -> TopicNews:
        news = self.source.find_since(topic_id, self.since, is_first=self.is_first)
        self[topic_id] = news
        return news


class _NearSince(dict[int, Sequence[NearPaper]]):
    """The same of the papers near each topic."""

    def __init__(self, source: CandidateSource, since: datetime, *, is_first: bool) -> None:
        super().__init__()
        self._source, self._since, self._is_first = source, since, is_first
        self._finds: dict[int, Sequence[NearPaper]] = {}

    def __missing__(self, topic_id: int) -> Sequence[NearPaper]:
        near = self._source.list_near(topic_id, self._since, is_first=self._is_first)
        self[topic_id] = near
        self._finds[topic_id] = [one for one in near if one.is_find]
        return near

    def list_finds(self, topic_id: int) -> Sequence[NearPaper]:
        """Those that the topic finds by a kind of it: mostly none."""
        return self._finds[topic_id] if self[topic_id] else ()
