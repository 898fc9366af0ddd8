"""What digests would take of papers in a file, topic by topic: none of it is in a database.

The choice is that of every digest (digest/compose/select.py), for a subscriber who follows one
topic, has room for all that is found and a digest every day. A file has no days: so many papers, in
their order, are taken for those of one. Nobody has voted on them, so strength decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from digest.compose.features import TraitKeys
from digest.compose.near_papers import NearPaper, NearPapers, find_day
from digest.compose.profiles import NOBODY, Profile
from digest.compose.select import Selector
from digest.compose.topic_news import Candidate, Order, TopicNews, sum_up_candidates
from digest.match.learned import Learned
from digest.match.senses import learn_sense, list_examples
from digest.match.topic_ranking import Pair
from subscribers.topics import (
    ParsedTopic,
    Reading,
    TopicIndex,
    TopicSense,
    find_topic,
    measure_words,
)

PAPERS_A_DAY = 30  # as many as Hugging Face's list has
_FIRST_DAY = datetime(2000, 1, 1, 12, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Find:
    """A paper, by its number, in which a topic was found."""

    strength: float
    paper: int


class FileCandidates:
    """Candidates out of papers that are handed in one after the other, known by their numbers.

    All of them first; then `open_day` for one day after the other.
    """

    def __init__(self, topics: Sequence[ParsedTopic], learned: Learned, a_day: int) -> None:
        self.paper_ids: list[str] = []  # by number, as the file has them
        self.newest_at = _FIRST_DAY
        self._topics, self._learned, self._a_day = topics, learned, a_day
        self._index = TopicIndex()
        for place, topic in enumerate(topics):
            self._index.add_topic(place, topic)
        self._finds: list[list[_Find]] = [[] for _ in topics]
        self._forms: list[str] = []
        self._near = NearPapers(self._read_forms)
        self._today: dict[int, list[Candidate]] = {}
        self._senses: dict[int, TopicSense] = {}

    def add_paper(self, paper_id: str, reading: Reading) -> None:
        """Look for all topics in the paper."""
        number = len(self.paper_ids)
        self.paper_ids.append(paper_id)
        self._forms.append(reading.normal_form)
        form, text = reading.normal_form, reading.text
        for place in self._index.find_candidates(form, text, reading.acronyms):
            if match := find_topic(self._topics[place], reading):
                self._finds[place].append(_Find(match.strength, number))

    @property
    def days(self) -> int:
        return -(-len(self.paper_ids) // self._a_day)

    def list_candidates(self, place: int) -> dict[int, list[Candidate]]:
        """A topic's finds by day."""
        floor, by_day = self._find_sense(place).floor, defaultdict[int, list[Candidate]](list)
        for find in self._finds[place]:
            day = find.paper // self._a_day
            at = _FIRST_DAY + day * _DAY
            by_day[day].append(Candidate(find.paper, 0.0, find.strength, "", at, at, floor))
        return by_day

    def _find_sense(self, place: int) -> TopicSense:
        if place not in self._senses:
            finds = [(find.strength, find.paper) for find in self._finds[place]]
            words = {n: measure_words(self._forms[n]) for _, n in list_examples(finds)}
            papers = len(self.paper_ids)
            self._senses[place] = learn_sense(
                self._topics[place], finds, papers, words, self._learned
            )
        return self._senses[place]

    def open_day(self, day: int, candidates: Mapping[int, list[Candidate]]) -> Profile:
        """Make this the newest day; for whom a digest is to be chosen, but for what they follow."""
        self.newest_at, self._today = _FIRST_DAY + day * _DAY, dict(candidates)
        return Profile(
            subscriber_id=NOBODY,
            follows={},
            mutes=frozenset(),
            max_papers=self._a_day,
            is_paused=False,
            wants_outside_topics=False,
            since=self.newest_at - _DAY,
        )

    def load_topics(self, reaches: Mapping[int, datetime]) -> None:
        """Nothing to do: all topics are looked for at once."""

    def count_since(self, since: datetime) -> int:  # noqa: ARG002 (since the day before)
        return self._a_day

    def find_since(self, topic_id: int, since: datetime, *, is_first: bool) -> TopicNews:  # noqa: ARG002
        return sum_up_candidates(self._today.get(topic_id, ()), since)

    def list_near(self, topic_id: int, since: datetime, *, is_first: bool) -> Sequence[NearPaper]:
        if (weights := self._find_sense(topic_id).weights) is None:
            return ()
        news = self.find_since(topic_id, since, is_first=is_first)
        day = find_day(self.newest_at.timestamp())
        return self._near.rank_day(topic_id, day, weights, news, lambda _: True)

    def spell_near(self, pairs: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], str]:
        return dict.fromkeys(pairs, "")

    def find_holding(self, paper_ids: Collection[int], phrase: str) -> frozenset[int]:  # noqa: ARG002 (for profiles with senses)
        return frozenset()

    def list_traits(self, paper_id: int) -> TraitKeys:  # noqa: ARG002 (for profiles with leanings)
        return ()

    def _read_forms(self, day: date) -> Iterator[tuple[int, str]]:
        first = (day - _FIRST_DAY.date()).days * self._a_day
        yield from enumerate(self._forms[first : first + self._a_day], first)


def list_digest_pairs(source: FileCandidates, queries: Sequence[str]) -> Iterator[Pair]:
    """Each topic's papers as digests on this topic alone would have them, in their order.

    First what is found, what names a kind of the topic behind the rest, then what is near. The last
    column counts down from the number of the topic's papers: it is their order, and nothing else.
    """
    for place, query in enumerate(queries):
        papers = _list_papers(source, place, query)
        for ahead, number in enumerate(papers):
            yield Pair(query, source.paper_ids[number], float(len(papers) - ahead))


def _list_papers(source: FileCandidates, place: int, query: str) -> list[int]:
    """The numbers of one topic's papers: those of all days' digests, the best first."""
    selector, by_day = Selector(source), source.list_candidates(place)
    orders: list[Order] = []
    of_kinds, near = list[tuple[float, int]](), list[tuple[float, int]]()
    for day in range(source.days):
        profile = source.open_day(day, {place: by_day.get(day, [])})
        selection = selector.select(replace(profile, follows={place: query}))
        of_day = {candidate.paper_id: candidate.order for candidate in by_day.get(day, ())}
        found = {choice.paper_id for choice in selection.choices} - selection.of_kinds
        orders += [of_day[paper_id] for paper_id in found]
        chosen = {choice.paper_id for choice in selection.near}
        for one in source.list_near(place, source.newest_at, is_first=False):
            if one.paper_id in selection.of_kinds:
                of_kinds.append((-one.nearness, one.paper_id))
            elif one.paper_id in chosen:
                near.append((-one.nearness, one.paper_id))
    best_first = sorted(orders, key=lambda order: order[:4])
    behind = [*sorted(of_kinds), *sorted(near)]
    return [*(order[3] for order in best_first), *(number for _, number in behind)]
