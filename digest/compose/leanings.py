"""What a subscriber's *more* and *less* are worth: few small numbers that bend their order.

A leaning is a whole number of steps, from -6 to 6, for a followed topic or for a trait that papers
share (digest/compose/features.py). One press moves, for *more* up and for *less* down,

    each followed topic that finds the paper         2 steps, within -6 to 6
    its primary category, its organization, and
    at most 2 rare words of its title                1 step each, within -4 to 4

and *less* besides, of each of these topics that is a single word, the sense in which the paper has
it, told by the word beside it ("camera bias"), 6 steps down, for the papers of this topic alone.

A subscriber has at most 12 leanings in all; where a press would make more, the weakest give way, of
equals the oldest. When a digest is composed, a paper's leanings are summed,

    doublings = STEP · Σ steps                       STEP = 1/4, the sum within -2 to 2
    factor    = 2 ^ doublings                        from 1/4 to 4, without a unit

and its trend and its strength count `factor` times for them. A trend halves in 48 hours, so two
steps (half a doubling) are worth a paper's being a day fresher, and the most there can be, four
days. What has no trend keeps none: a new paper is never made to look like a trending one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from digest.compose.features import TraitKeys
from subscribers.models import MOST_LEANINGS

Leanings = Mapping[tuple[str, str], int]  # (kind, term) -> steps

STEP = 0.25  # doublings
MOST_DOUBLINGS = 2.0
TOPIC_MOVE, TRAIT_MOVE = 2, 1  # steps a press
TOPIC_MOST, TRAIT_MOST = 6, 4  # steps
SENSE_MOVE = TOPIC_MOST  # one press tells what is not meant
WORDS_PER_PAPER = 2


def compute_factor(leanings: Leanings, traits: TraitKeys, topic_steps: int = 0) -> float:
    """How many times a paper's trend and strength count: 1/4 to 4, 1 without any leaning.

    `topic_steps` is the sum of the leanings of the topics that found it.
    """
    steps = topic_steps + sum(leanings[key] for key in traits if key in leanings)
    return math.exp2(max(-MOST_DOUBLINGS, min(MOST_DOUBLINGS, STEP * steps))) if steps else 1.0


def list_senses(leanings: Leanings) -> dict[int, list[tuple[str, int]]]:
    """By topic the phrases, as stems, that tell a sense of it, each with its steps."""
    senses: dict[int, list[tuple[str, int]]] = {}
    for (kind, term), steps in leanings.items():
        if kind == "sense":
            topic, _, phrase = term.partition(" ")
            senses.setdefault(int(topic), []).append((phrase, steps))
    return senses


def find_steps(kind: str) -> int:
    """How many steps one press moves a leaning of this kind."""
    return {"topic": TOPIC_MOVE, "sense": SENSE_MOVE}.get(kind, TRAIT_MOVE)


def limit_steps(kind: str, steps: int) -> int:
    """The steps within what a leaning of this kind may have, in either direction."""
    most = TRAIT_MOST if kind not in ("topic", "sense") else TOPIC_MOST
    return max(-most, min(most, steps))


def drop_weakest(leanings: Leanings, kept: Collection[tuple[str, str]]) -> Leanings:
    """The leanings without those that are too many: the weakest go, of equals the first ones.

    Those in `kept` stay as long as there are others.
    """
    excess = max(len(leanings) - MOST_LEANINGS, 0)
    dropped = sorted(leanings, key=lambda key: (key in kept, abs(leanings[key])))[:excess]
    return {key: steps for key, steps in leanings.items() if key not in dropped}
