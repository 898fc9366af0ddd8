"""The topics that readers type: half of them are in no paper of a day, some are in hundreds.

The first of the list are followed most (bench/readers.py). They come from the same terms as the
papers', drawn flatter: what readers look for is rarer than what papers say.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache

from bench.terms import FIELDS, MODIFIERS, draw_field, draw_terms, list_heads
from bench.words import FUNCTION_RANKS, list_words, make_rare_word
from subscribers.topics.terms import STOP_WORDS

OFFSET = 15.0  # of the ranks of terms, where papers have 3
SHORTEST_WORD = 5  # letters
POPULAR = 100  # topics that are followed by many, and are what many papers are about
MOST_TRIES = 4  # draws of something that is there already; then a longer topic is made


def _make_term(dice: random.Random) -> str:
    return draw_terms(dice, draw_field(dice, of_readers=True), 1, OFFSET)[0]


def _make_popular(dice: random.Random) -> str:
    return draw_terms(dice, draw_field(dice, of_readers=True), 1)[0]


def _make_longer_term(dice: random.Random) -> str:
    return f"{dice.choice(MODIFIERS)} {_make_term(dice)}"


def _make_word(dice: random.Random) -> str:
    if dice.random() < 0.4:
        return dice.choice(list_heads(draw_field(dice, of_readers=True)))
    # What somebody follows is rarer than what every paper says.
    rank = int(4 * FUNCTION_RANKS * dice.paretovariate(0.8))
    word = list_words()[min(rank, len(list_words()) - 1)][0]
    is_good = len(word) >= SHORTEST_WORD and word not in STOP_WORDS
    return word if is_good else f"{word} {_make_term(dice)}"


def _make_pair(dice: random.Random) -> str:
    return f"{_make_term(dice)} + {dice.choice((_make_term, _make_word))(dice)}"


def _make_exception(dice: random.Random) -> str:
    return f"{_make_term(dice)} -{make_rare_word(dice)}"


def _make_author(dice: random.Random) -> str:
    return f"author:{make_rare_word(dice)}"


def _make_title(dice: random.Random) -> str:
    return f"title:{dice.choice(list_heads(draw_field(dice, of_readers=True)))}"


def _make_category(dice: random.Random) -> str:
    return f"cat:{dice.choice(FIELDS)[0]}"


# Lengths as of the keywords of authors: a fifth has one word, over half have two.
KINDS: tuple[tuple[Callable[[random.Random], str], float], ...] = (
    (_make_term, 0.50),
    (_make_longer_term, 0.14),
    (_make_word, 0.24),
    (_make_pair, 0.06),
    (_make_author, 0.03),
    (_make_exception, 0.015),
    (_make_title, 0.01),
    (_make_category, 0.005),
)


def make_topics(count: int, seed: int = 2) -> Iterator[str]:
    """So many different topics as readers type them, the same for the same seed."""
    dice, seen = random.Random(seed), set[str]()
    kinds, weights = [kind for kind, _ in KINDS], [weight for _, weight in KINDS]
    popular = [dice.choice((_make_popular, _make_popular, _make_word)) for _ in range(POPULAR)]
    rest = dice.choices(kinds, weights, k=max(count - POPULAR, 0))
    for make in [*popular, *rest][:count]:
        topic = _draw_new(dice, make, seen)
        seen.add(topic)
        yield topic


def _draw_new(dice: random.Random, make: Callable[[random.Random], str], seen: set[str]) -> str:
    for _ in range(MOST_TRIES):
        if (topic := make(dice)) not in seen:
            return topic
    while (topic := _make_pair(dice)) in seen:
        pass
    return topic


@cache
def list_broad_topics() -> tuple[str, ...]:
    """Words that a great many papers hold: readers of these get several reasons for one paper."""
    return ("model", "learning", "network", "data", "training", "neural network", "task", "method")
