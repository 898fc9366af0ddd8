"""How like a paper is to those that a topic was found in.

Much is written about a topic without its name: beside "reinforcement learning" stand policies and
rewards. A topic's strongest finds show what stands beside it, and other papers are compared with
them: Rocchio's relevance feedback (1971), the finds in place of papers that a reader marked.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from subscribers.topics.reading import Reading
from subscribers.topics.strength import saturated

# What adding more of either does not change by a hundredth (docs/topics.md).
PROFILE_MATCHES = 50
_PROFILE_STEMS = 500
_NONE: Mapping[int, float] = {}


class Weights(NamedTuple):
    """A paper as its stems, each as heavy as it is rare and often said; their squares sum to 1."""

    stems: tuple[str, ...]
    heavy: array[float]


def weigh_stems(reading: Reading) -> Weights:
    """Return a paper's weights; both parts are empty where it has no words."""
    title, abstract, statistics = reading.title_counts, reading.abstract_counts, reading.statistics
    stems = tuple(title | abstract)
    heavy = [
        statistics.rarity(stem) * saturated(title[stem], abstract[stem], reading.lengths)
        for stem in stems
    ]
    length = sqrt(sum(weight * weight for weight in heavy)) or 1.0
    return Weights(stems, array("f", [weight / length for weight in heavy]))


class UsualPaper:
    """The usual paper: the mean of all weights that were added."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._papers = 0

    def add_paper(self, paper: Weights) -> None:
        self._papers += 1
        for stem, weight in zip(*paper, strict=True):
            self._sums[stem] = self._sums.get(stem, 0.0) + weight

    def mean(self) -> dict[str, float]:
        return {stem: total / self._papers for stem, total in self._sums.items()}


class Profiles:
    """What stands beside each of some topics, and in which way that is not the usual."""

    def __init__(self, finds: Iterable[Sequence[tuple[float, Weights]]], usual: UsualPaper) -> None:
        """Of each topic its strongest finds, none or more: their strengths and weights."""
        self._mean = usual.mean()
        self._square = sum(weight * weight for weight in self._mean.values())
        self._topics_with: dict[str, list[tuple[int, float]]] = {}
        self._lengths = [self._add(i, found) for i, found in enumerate(finds)]

    def _add(self, topic: int, found: Sequence[tuple[float, Weights]]) -> float:
        """Enter one topic; return how far its finds are from the usual paper."""
        centre = _centre(found)
        if not centre:
            return 0.0
        mean = self._mean
        beside = {stem: weight - mean.get(stem, 0.0) for stem, weight in centre.items()}
        for stem in sorted(beside, key=beside.__getitem__, reverse=True)[:_PROFILE_STEMS]:
            self._topics_with.setdefault(stem, []).append((topic, centre[stem]))
        both = sum(weight * mean.get(stem, 0.0) for stem, weight in centre.items())
        own = sum(weight * weight for weight in centre.values())
        return sqrt(max(0.0, own - 2 * both + self._square))

    def measure_likeness(self, paper: Weights, own: Mapping[int, float] = _NONE) -> list[float]:
        """How like the paper is to the finds of each topic: -1 to 1, 0 for the usual paper.

        Own are the shares of topics' finds that the paper itself makes up: it is like the others.
        """
        usual, mean, like = 0.0, self._mean, [0.0] * len(self._lengths)
        for stem, weight in zip(*paper, strict=True):
            usual += weight * mean.get(stem, 0.0)
            for topic, beside in self._topics_with.get(stem, ()):
                like[topic] += weight * beside
        for topic, share in own.items():
            like[topic] -= share
        return [
            (one - usual) / length if length else 0.0
            for one, length in zip(like, self._lengths, strict=True)
        ]


def _centre(found: Sequence[tuple[float, Weights]]) -> dict[str, float]:
    """The mean of the finds' weights, the stronger ones counting more."""
    centre: dict[str, float] = {}
    total = sum(strength for strength, _ in found)
    for strength, paper in found:
        for stem, weight in zip(*paper, strict=True):
            centre[stem] = centre.get(stem, 0.0) + strength / total * weight
    return centre
