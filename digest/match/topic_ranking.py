"""The best papers of each topic, out of papers that are read twice and are in no database.

The first pass matches topics with papers. The second compares all other papers with the matches,
and each topic's list is filled up with what is near it. No paper's text is kept in memory: of each
topic the ids of as many papers as are wanted, and of fifty papers their weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heappush, heappushpop
from math import exp
from typing import Any, NamedTuple

from subscribers.topics import (
    ParsedTopic,
    Profiles,
    Reading,
    TopicIndex,
    UsualPaper,
    Weights,
    find_alike,
    find_near,
    weigh_stems,
)
from subscribers.topics.likeness import PROFILE_MATCHES

MOST = 250  # papers of a topic
# So many papers make a profile where fewer match: then the nearest are among them.
_FEWEST_EXAMPLES = 8
_LIKENESS_WEIGHT = 6.0  # beside a topic's own words standing apart, which give 0 to 1
# And beside the strength of a match that the title does not name: is it said in passing only?
_PASSING_WEIGHT = 2.5
_NEAREST = 0.5  # no match is weaker


class Pair(NamedTuple):
    """A topic, and one of its papers."""

    topic: str  # as it was typed
    paper_id: str
    strength: float


Example = tuple[float, str, Weights]  # its strength, the paper


class TopicHeap:
    """The best papers of one topic: heaps of its matches, of near papers, and of examples."""

    def __init__(self, topic: ParsedTopic, most: int) -> None:
        self.topic, self.most = topic, most
        self.papers = 0  # that match
        self.matches: list[tuple[float, str, bool]] = []  # is it in the title?
        self.near: list[tuple[float, str]] = []
        self.examples: list[Example] = []
        self.near_examples: list[Example] = []
        self.likeness: dict[str, float] = {}  # of matches that no title names

    def select_examples(self) -> list[tuple[float, Weights]]:
        """The papers that show what is written about the topic, with their strengths."""
        wanted = max(0, _FEWEST_EXAMPLES - len(self.examples))
        nearest = sorted(self.near_examples, reverse=True)[:wanted]
        return [(strength, weights) for strength, _, weights in (*self.examples, *nearest)]

    def share_untitled_matches(self) -> dict[str, float]:
        """The matches that no title names, each with its share of the profile."""
        total = sum(strength for strength, _ in self.select_examples())
        shares = {paper_id: strength / total for strength, paper_id, _ in self.examples}
        return {
            paper_id: shares.get(paper_id, 0.0)
            for _, paper_id, is_in_title in self.matches
            if not is_in_title
        }

    def compare_paper(self, paper_id: str, reading: Reading, like: float, has_words: bool) -> None:
        """Keep the paper if it is among the nearest of those that do not match."""
        room, nearness = self.most - self.papers, _LIKENESS_WEIGHT * like
        # Words apart add 1 at most: a paper that is too far away need not be read for them.
        if room <= 0 or (len(self.near) == room and nearness + has_words < self.near[0][0]):
            return
        near = find_alike(self.topic, reading)
        if near and near.is_near and (near.strength > 0 or like > 0):
            _push_bounded(self.near, (near.strength + nearness, paper_id), room)

    def sort_matches(self) -> list[tuple[float, str]]:
        """The matches, the strongest first."""
        likeness = self.likeness
        return sorted(
            (
                (max(_NEAREST, strength + _PASSING_WEIGHT * likeness.get(paper_id, 0.0)), paper_id)
                for strength, paper_id, _ in self.matches
            ),
            reverse=True,
        )


class TopicRanking:
    """Topics, as they were typed, and the best papers of each: at most `most`, or every match.

    Give each paper to `match_paper`; then, where near papers are wanted, each to `compare_paper`.
    """

    def __init__(self, topics: Mapping[str, ParsedTopic], most: int | None = MOST) -> None:
        self._lines, self._most = list(topics), most
        self._heaps = [TopicHeap(topic, most or MOST) for topic in topics.values()]
        self._index = TopicIndex()
        self._with_word: dict[str, list[int]] = {}
        self._usual = UsualPaper()
        self._profiles: Profiles | None = None
        self._untitled: dict[str, dict[int, float]] = {}  # paper -> topic -> share
        for i, topic in enumerate(topics.values()):
            self._index.add_topic(i, topic)
            for stem in {s for term in topic.wanted if term.is_loose for s in term.stems}:
                self._with_word.setdefault(stem, []).append(i)

    def match_paper(self, paper_id: str, reading: Reading) -> None:
        """The first pass: look for all topics in the paper."""
        weights = weigh_stems(reading)
        self._usual.add_paper(weights)
        form = reading.normal_form
        candidates = self._index.find_candidates(form, reading.text, reading.acronyms)
        for heap in (self._heaps[i] for i in candidates | self._find_topics_sharing_words(weights)):
            match = find_near(heap.topic, reading)
            if match is None:
                continue
            example = (match.strength, paper_id, weights)
            if match.is_near:
                _push_bounded(heap.near_examples, example, _FEWEST_EXAMPLES)
                continue
            heap.papers += 1
            _push_bounded(heap.matches, (match.strength, paper_id, match.is_in_title), self._most)
            _push_bounded(heap.examples, example, PROFILE_MATCHES)

    def compare_paper(self, paper_id: str, reading: Reading) -> None:
        """The second pass, after the whole first: how near is the paper to topics it lacks?"""
        profiles = self._profiles or self._make_profiles()
        weights, own = weigh_stems(reading), self._untitled.get(paper_id, {})
        likeness = profiles.measure_likeness(weights, own)
        with_words = self._find_topics_sharing_words(weights)
        for i in own:
            self._heaps[i].likeness[paper_id] = likeness[i]
        for i, like in enumerate(likeness):
            # Near is what holds some of the words, or is more like the matches than papers are.
            if i in with_words or like > 0:
                self._heaps[i].compare_paper(paper_id, reading, like, i in with_words)

    def _find_topics_sharing_words(self, weights: Weights) -> set[int]:
        """The topics, by number, that share a word with the paper."""
        return {i for stem in weights.stems for i in self._with_word.get(stem, ())}

    def _make_profiles(self) -> Profiles:
        for i, heap in enumerate(self._heaps):
            for paper_id, share in heap.share_untitled_matches().items():
                self._untitled.setdefault(paper_id, {})[i] = share
        self._profiles = Profiles((heap.select_examples() for heap in self._heaps), self._usual)
        return self._profiles

    def list_pairs(self) -> Iterator[Pair]:
        """Each topic's papers, the strongest first; near ones are weaker than any match."""
        for line, heap in zip(self._lines, self._heaps, strict=True):
            for strength, paper_id in heap.sort_matches():
                yield Pair(line, paper_id, strength)
            for nearness, paper_id in sorted(heap.near, reverse=True):
                yield Pair(line, paper_id, _NEAREST / (1.0 + exp(-nearness)))

    def count_left_out(self) -> dict[str, int]:
        """The topics that match more papers than are wanted, and how many more."""
        more = {
            line: heap.papers - len(heap.matches)
            for line, heap in zip(self._lines, self._heaps, strict=True)
        }
        return {line: papers for line, papers in more.items() if papers}


def _push_bounded(heap: list[Any], one: Any, room: int | None) -> None:
    """Put one into a heap of the `room` greatest, or of all; the smallest gives way."""
    if room is None or len(heap) < room:
        heappush(heap, one)
    else:
        heappushpop(heap, one)
