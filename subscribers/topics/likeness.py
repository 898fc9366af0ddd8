"""How like a paper is to those that match a topic.

Much is written about a topic without its name: beside "reinforcement learning" stand policies and
rewards. A topic's strongest matches show what stands beside it, and other papers are compared with
them: Rocchio's relevance feedback (1971), the matches in place of papers that somebody marked.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from subscribers.topics.reading import Reading
from subscribers.topics.strength import saturate

# What adding more of either does not change by a hundredth (docs/topics.md).
PROFILE_MATCHES = 50
_PROFILE_STEMS = 500
_NONE: Mapping[int, float] = {}


class Weights(NamedTuple):
    """A paper as its stems, each with a weight; the squares of these sum to 1."""

    stems: tuple[str, ...]
    weights: array[float]


def weigh_stems(reading: Reading) -> Weights:
    """Weigh each stem by how rare it is and how often the paper says it (BM25), to length 1.

    Both parts are empty where the paper has no words.
    """
    title, abstract, statistics = reading.title_counts, reading.abstract_counts, reading.statistics
    stems = tuple(title | abstract)
    weights = [
        statistics.measure_rarity(stem) * saturate(title[stem], abstract[stem], reading.lengths)
        for stem in stems
    ]
    length = sqrt(sum(weight * weight for weight in weights)) or 1.0
    return Weights(stems, array("f", [weight / length for weight in weights]))


class UsualPaper:
    """The usual paper: the mean of all weights that were added."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._papers = 0

    def add_paper(self, paper: Weights) -> None:
        self._papers += 1
        for stem, weight in zip(*paper, strict=True):
            self._sums[stem] = self._sums.get(stem, 0.0) + weight

    def compute_mean(self) -> dict[str, float]:
        return {stem: total / self._papers for stem, total in self._sums.items()}


class Profiles:
    """The centroids of the papers that match each of some topics, against the usual paper."""

    def __init__(
        self, matches: Iterable[Sequence[tuple[float, Weights]]], usual: UsualPaper
    ) -> None:
        """Of each topic its strongest matches, none or more: their strengths and weights."""
        self._mean = usual.compute_mean()
        self._square = sum(weight * weight for weight in self._mean.values())
        self._topics_with: dict[str, list[tuple[int, float]]] = {}
        self._lengths = [self._add_topic(i, papers) for i, papers in enumerate(matches)]

    def _add_topic(self, topic: int, papers: Sequence[tuple[float, Weights]]) -> float:
        """Enter one topic; return how far its matches are from the usual paper."""
        centroid = _compute_centroid(papers)
        if not centroid:
            return 0.0
        mean = self._mean
        beside = {stem: weight - mean.get(stem, 0.0) for stem, weight in centroid.items()}
        for stem in sorted(beside, key=beside.__getitem__, reverse=True)[:_PROFILE_STEMS]:
            self._topics_with.setdefault(stem, []).append((topic, centroid[stem]))
        both = sum(weight * mean.get(stem, 0.0) for stem, weight in centroid.items())
        own = sum(weight * weight for weight in centroid.values())
        return sqrt(max(0.0, own - 2 * both + self._square))

    def measure_likeness(self, paper: Weights, own: Mapping[int, float] = _NONE) -> list[float]:
        """Return how like the paper is to each topic's matches: -1 to 1, 0 for the usual paper.

        `own` are the shares of topics' matches that the paper itself makes up: they do not count.
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


def _compute_centroid(papers: Sequence[tuple[float, Weights]]) -> dict[str, float]:
    """The mean of the papers' weights, the stronger matches counting more."""
    centroid: dict[str, float] = {}
    total = sum(strength for strength, _ in papers)
    for strength, paper in papers:
        for stem, weight in zip(*paper, strict=True):
            centroid[stem] = centroid.get(stem, 0.0) + strength / total * weight
    return centroid
