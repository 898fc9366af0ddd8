"""What digests would take of papers in a file, topic by topic: none of it is in a database.

The choice is that of every digest (digest/compose/select.py), for a subscriber who follows one
topic and has room for all that is found. Nobody has voted on these papers, so strength decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from digest.compose.features import TraitKeys
from digest.compose.profiles import make_unsaved_profile
from digest.compose.select import Selector
from digest.compose.topic_news import Candidate, TopicNews, sum_up_candidates
from digest.match.topic_ranking import Pair
from digest.models.papers import join_found_words
from subscribers.topics import ParsedTopic, Reading, TopicIndex, find_topic

_ARRIVED_AT = datetime(2000, 1, 1, tzinfo=UTC)  # all at once, whenever


class FileCandidates:
    """Candidates out of papers that are handed in one after the other, known by their numbers."""

    def __init__(self, topics: Sequence[ParsedTopic]) -> None:
        self.newest_at = _ARRIVED_AT
        self.paper_ids: list[str] = []  # by number, as the file has them
        self._topics = topics
        self._index = TopicIndex()
        self._candidates: list[list[Candidate]] = [[] for _ in topics]
        for place, topic in enumerate(topics):
            self._index.add_topic(place, topic)

    def add_paper(self, paper_id: str, reading: Reading) -> None:
        """Look for all topics in the paper."""
        number = len(self.paper_ids)
        self.paper_ids.append(paper_id)
        form, text = reading.normal_form, reading.text
        for place in self._index.find_candidates(form, text, reading.acronyms):
            if match := find_topic(self._topics[place], reading):
                where = join_found_words(match.words)
                row = (number, 0.0, match.strength, where, _ARRIVED_AT, _ARRIVED_AT)
                self._candidates[place].append(Candidate(*row))

    def load_topics(self, reaches: Mapping[int, datetime]) -> None:
        """Nothing to do: all topics are looked for at once."""

    def count_since(self, since: datetime) -> int:
        return len(self.paper_ids) if since < _ARRIVED_AT else 0

    def find_since(self, topic_id: int, since: datetime, *, is_first: bool) -> TopicNews:  # noqa: ARG002 (all arrived at once)
        return sum_up_candidates(self._candidates[topic_id], None)

    def list_traits(self, paper_id: int) -> TraitKeys:  # noqa: ARG002 (for profiles with leanings)
        return ()


def list_digest_pairs(source: FileCandidates, queries: Sequence[str]) -> Iterator[Pair]:
    """Each topic's papers as a digest on this topic alone would have them, in their order.

    The last column counts down from the number of the topic's papers: it is their order, and
    nothing else.
    """
    selector = Selector(source)
    for place, query in enumerate(queries):
        profile = make_unsaved_profile([query], max_papers=len(source.paper_ids))
        follows = {place: query}
        choices = selector.select(replace(profile, follows=follows)).choices
        for number, choice in enumerate(choices):
            yield Pair(query, source.paper_ids[choice.paper_id], float(len(choices) - number))
