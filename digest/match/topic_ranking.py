"""The best papers of each topic, out of papers that pass by twice and are in no database.

The first time shows where topics are found. The second time all other papers are compared with
those, and each topic's list is filled up with what is near it. No paper's text is kept: of each
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
    Usual,
    Weights,
    find_alike,
    find_near,
    weigh,
)
from subscribers.topics.likeness import PROFILE_FINDS

MOST = 250  # papers of a topic
# So many papers make a profile where a topic is found in fewer: then the nearest are among them.
_FEWEST_EXAMPLES = 8
_LIKENESS_WEIGHT = 6.0  # beside a topic's own words standing apart, which give 0 to 1
# And beside the strength of a find that the title does not name: is it said in passing only?
_PASSING_WEIGHT = 2.5
_NEAREST = 0.5  # no find is weaker


class Pair(NamedTuple):
    topic: str  # as it was typed
    paper_id: str
    strength: float


Example = tuple[float, str, Weights]  # its strength, the paper


class _Drawer:
    """What is kept of one topic."""

    def __init__(self, topic: ParsedTopic, most: int) -> None:
        self.topic, self.most = topic, most
        self.papers = 0  # it is found in
        self.found: list[tuple[float, str, bool]] = []  # is it in the title?
        self.near: list[tuple[float, str]] = []
        self.examples: list[Example] = []
        self.near_examples: list[Example] = []
        self.likeness: dict[str, float] = {}  # of finds that no title names

    def profile(self) -> list[tuple[float, Weights]]:
        wanted = max(0, _FEWEST_EXAMPLES - len(self.examples))
        nearest = sorted(self.near_examples, reverse=True)[:wanted]
        return [(strength, weights) for strength, _, weights in (*self.examples, *nearest)]

    def passing(self) -> dict[str, float]:
        """The finds that no title names, each with its share of the profile."""
        total = sum(strength for strength, _ in self.profile())
        shares = {paper_id: strength / total for strength, paper_id, _ in self.examples}
        return {one: shares.get(one, 0.0) for _, one, is_in_title in self.found if not is_in_title}

    def compare(self, paper_id: str, reading: Reading, like: float, has_words: bool) -> None:
        """Keep the paper if it is among the nearest of those the topic is not found in."""
        room, nearness = self.most - self.papers, _LIKENESS_WEIGHT * like
        # Words apart add 1 at most: a paper that is too far away need not be read for them.
        if room <= 0 or (len(self.near) == room and nearness + has_words < self.near[0][0]):
            return
        near = find_alike(self.topic, reading)
        if near and near.is_near and (near.strength > 0 or like > 0):
            _keep(self.near, (near.strength + nearness, paper_id), room)

    def ordered(self) -> list[tuple[float, str]]:
        """The finds, the strongest first."""
        likeness = self.likeness
        return sorted(
            (
                (max(_NEAREST, strength + _PASSING_WEIGHT * likeness.get(paper_id, 0.0)), paper_id)
                for strength, paper_id, _ in self.found
            ),
            reverse=True,
        )


class Filing:
    """Topics, as they were typed, and the best papers of each: at most `most`, or every find."""

    def __init__(self, topics: Mapping[str, ParsedTopic], most: int | None = MOST) -> None:
        self._lines, self._most = list(topics), most
        self._drawers = [_Drawer(topic, most or MOST) for topic in topics.values()]
        self._index = TopicIndex()
        self._with_word: dict[str, list[int]] = {}
        self._usual = Usual()
        self._profiles: Profiles | None = None
        self._passing: dict[str, dict[int, float]] = {}  # paper -> drawer -> share
        for i, topic in enumerate(topics.values()):
            self._index.add(i, topic)
            for stem in {s for term in topic.wanted if term.is_loose for s in term.stems}:
                self._with_word.setdefault(stem, []).append(i)

    def find(self, paper_id: str, reading: Reading) -> None:
        """The first time: look for all topics in the paper."""
        weights = weigh(reading)
        self._usual.add(weights)
        form = reading.normal_form
        candidates = self._index.candidates(form, reading.text, reading.acronyms)
        for drawer in (self._drawers[i] for i in candidates | self._with_words_of(weights)):
            found = find_near(drawer.topic, reading)
            if found is None:
                continue
            example = (found.strength, paper_id, weights)
            if found.is_near:
                _keep(drawer.near_examples, example, _FEWEST_EXAMPLES)
                continue
            drawer.papers += 1
            _keep(drawer.found, (found.strength, paper_id, found.is_in_title), self._most)
            _keep(drawer.examples, example, PROFILE_FINDS)

    def compare(self, paper_id: str, reading: Reading) -> None:
        """The second time, when all have passed once: how near is it to what was not found?"""
        profiles = self._profiles or self._make_profiles()
        weights, own = weigh(reading), self._passing.get(paper_id, {})
        likeness, with_words = profiles.likeness(weights, own), self._with_words_of(weights)
        for i in own:
            self._drawers[i].likeness[paper_id] = likeness[i]
        for i, like in enumerate(likeness):
            # Near is what holds some of the words, or is more like the finds than papers are.
            if i in with_words or like > 0:
                self._drawers[i].compare(paper_id, reading, like, i in with_words)

    def _with_words_of(self, weights: Weights) -> set[int]:
        """The drawers of topics that share a word with the paper."""
        return {i for stem in weights.stems for i in self._with_word.get(stem, ())}

    def _make_profiles(self) -> Profiles:
        for i, drawer in enumerate(self._drawers):
            for paper_id, share in drawer.passing().items():
                self._passing.setdefault(paper_id, {})[i] = share
        self._profiles = Profiles((drawer.profile() for drawer in self._drawers), self._usual)
        return self._profiles

    def pairs(self) -> Iterator[Pair]:
        """Each topic's papers, the strongest first; near ones are weaker than any find."""
        for line, drawer in zip(self._lines, self._drawers, strict=True):
            for strength, paper_id in drawer.ordered():
                yield Pair(line, paper_id, strength)
            for nearness, paper_id in sorted(drawer.near, reverse=True):
                yield Pair(line, paper_id, _NEAREST / (1.0 + exp(-nearness)))

    def held_back(self) -> dict[str, int]:
        """The topics found in more papers than are wanted, and in how many more."""
        more = {
            line: drawer.papers - len(drawer.found)
            for line, drawer in zip(self._lines, self._drawers, strict=True)
        }
        return {line: papers for line, papers in more.items() if papers}


def _keep(heap: list[Any], one: Any, room: int | None) -> None:
    """Put one into a heap of the `room` greatest; the smallest gives way."""
    if room is None or len(heap) < room:
        heappush(heap, one)
    else:
        heappushpop(heap, one)
