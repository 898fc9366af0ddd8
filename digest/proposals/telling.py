"""The phrases that are characteristic of some texts against the papers we have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import log, log2

from digest.match.recent import Recent
from subscribers.topics import Statistics
from subscribers.topics.phrases import common_phrases
from subscribers.topics.words import read_words

_LOOKED_UP = 50  # phrases counted among the stored papers: some 6 ms each with 20,000 of them
# A phrase that so many papers hold is an expression of the field, and not of one author.
_USED_BY = 3
_FRAGMENT = 0.75
_AT_LEAST = 5
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def telling_phrases(
    texts: Sequence[str], recent: Recent, statistics: Statistics, most: int
) -> list[tuple[str, int]]:
    """Return the most telling phrases as one would type them, and how many texts hold each.

    texts with it x log2(1 + its words) x ln((papers + 1) / (papers with it + 1)): tf-idf (Sparck
    Jones, 1972), and the length of a term as in the C-value (Frantzi, Ananiadou and Mima, 2000).
    What fewer than 3 stored papers hold only fills up to 5. Of one text the sentences are counted.
    """
    parts = texts if len(texts) > 1 else _SENTENCE.split("".join(texts))
    fewest = 2 if len(texts) > 4 else 1
    found = common_phrases(([read_words(part)] for part in parts), fewest)
    weights = {
        # A compound is one word: multimodal.
        key: count * log2(1 + len(spelled.split()))
        for key, (count, spelled) in found.items()
    }
    papers = {
        key: len(recent.with_any([f" {key} "], recent.places))
        for key in _likely(weights, statistics)
    }
    used = {key: n for key, n in papers.items() if n >= _USED_BY}
    order = [
        (n < _USED_BY, not n, -weights[key] * log((len(recent) + 1) / (n + 1)), key)
        for key, n in papers.items()
        if not _is_fragment(key, n, used)
    ]
    chosen = _apart([key for *_, key in sorted(order)])[:most]
    chosen = [key for place, key in enumerate(chosen) if key in used or place < _AT_LEAST]
    return [(found[key][1], found[key][0]) for key in chosen]


def _likely(weights: dict[str, float], statistics: Statistics) -> list[str]:
    """The phrases worth counting: of high weight, and none of their words unheard of."""

    def by_words(key: str) -> tuple[bool, float, str]:
        share = statistics.share(key.split())
        return share * statistics.papers < _USED_BY, weights[key] * log(share), key

    return sorted(weights, key=by_words)[:_LOOKED_UP]


def _is_fragment(key: str, papers: int, used: dict[str, int]) -> bool:
    """Whether a phrase hardly ever stands outside one longer expression: large language."""
    return any(
        key != other and f" {key} " in f" {other} " and n > _FRAGMENT * papers
        for other, n in used.items()
    )


def _apart(keys: list[str]) -> list[str]:
    """Without those that mostly repeat one before them."""
    kept: list[set[str]] = []
    chosen = []
    for key in keys:
        stems = set(key.split())
        if all(2 * len(stems & other) < len(stems | other) for other in kept):
            kept.append(stems)
            chosen.append(key)
    return chosen
