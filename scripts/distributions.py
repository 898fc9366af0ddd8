"""Two lists of times against each other: how likely they differ by chance, and what they share."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """The chance (two-sided) of ranks so different if both came from one distribution."""
    ranked = sorted((value, group) for group, values in enumerate((one, other)) for value in values)
    ranks = sum(rank for rank, (_, group) in enumerate(ranked, 1) if group == 0)
    n, m = len(one), len(other)
    middle, spread = n * (n + m + 1) / 2, math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(ranks - middle) / spread / math.sqrt(2))


def overlap(one: Sequence[float], other: Sequence[float], bins: int = 20) -> float:
    """The share of both distributions that is common, over bins that hold equally many."""
    edges = statistics.quantiles([*one, *other], n=bins)
    shares = [_shares(values, edges) for values in (one, other)]
    return float(sum(min(pair) for pair in zip(*shares, strict=True)))


def _shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    below = [sum(value <= edge for value in values) for edge in edges]
    steps = zip([0, *below], [*below, len(values)], strict=True)
    return [(after - before) / len(values) for before, after in steps]


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
