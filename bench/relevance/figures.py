"""What is measured of a ranking: average precision, precision of the first five, recall.

Each is the mean over topics. What is told beside BM25 is a ratio of two such means over the same
topics; its interval comes from drawing the topics again, with replacement, both rankings together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

DRAWS = 2_000
FIRST = 5

Ranked = Mapping[str, Sequence[str]]
Truth = Mapping[str, frozenset[str]]


class TopicFigures(NamedTuple):
    """How well one topic's papers were found; each 0 to 1, but for how many they are."""

    average_precision: float
    first_five: float  # the share of the first five that is true; a missing one is not
    recall: float
    papers: int


class Ratio(NamedTuple):
    """A ratio, and between which two values 95 of 100 such ratios lie."""

    value: float
    low: float
    high: float


def measure_topic(ranked: Sequence[str], true: frozenset[str]) -> TopicFigures:
    """Measure one topic's papers, the best first, against the true ones."""
    hits, total = 0, 0.0
    for place, paper_id in enumerate(ranked, 1):
        if paper_id in true:
            hits += 1
            total += hits / place
    first = sum(paper_id in true for paper_id in ranked[:FIRST]) / FIRST
    return TopicFigures(total / len(true), first, hits / len(true), len(ranked))


def measure_ranking(ranked: Ranked, truth: Truth) -> dict[str, TopicFigures]:
    """By topic its figures; one that the ranking lacks found nothing."""
    return {topic: measure_topic(ranked.get(topic, ()), true) for topic, true in truth.items()}


def average_figures(rows: Sequence[TopicFigures]) -> tuple[float, float, float, float]:
    """The means of average precision, first five, recall and papers."""
    precision, first, recall, papers = (
        sum(column) / len(rows) for column in zip(*rows, strict=True)
    )
    return precision, first, recall, papers


def compare_figures(
    own: Sequence[TopicFigures],
    other: Sequence[TopicFigures],
    pick: Callable[[TopicFigures], float],
) -> Ratio:
    """The ratio of one mean to the other, both over the same topics, with its interval."""
    pairs = [(pick(one), pick(two)) for one, two in zip(own, other, strict=True)]
    dice = Random(0)
    drawn = sorted(_divide_sums(dice.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    return Ratio(_divide_sums(pairs), drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)])


def _divide_sums(pairs: Sequence[tuple[float, float]]) -> float:
    """The sum of the first of each pair, divided by that of the second; 0 where that is 0."""
    below = sum(other for _, other in pairs)
    return sum(own for own, _ in pairs) / below if below else 0.0
