"""Words as frequent as they are in real titles and abstracts.

word_counts.txt has the thousand most frequent words of 2,354 abstracts in machine learning and
robotics, 406,873 words in all, with how many times each comes in a million words. They are 78 % of
that text. What is rarer is made of syllables here: which words these are does not matter to any
stage, how many there are and how often each comes does.
"""

from __future__ import annotations

import math
import random
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

COUNTS = Path(__file__).with_name("word_counts.txt")
# Of the same text: the rank of a word, and how often a word of that rank comes in a million words.
# Between two of these ranks the logarithms are on a line.
RARE_RANKS = ((1_000, 140.0), (2_000, 56.6), (5_000, 12.3), (10_000, 2.46), (30_000, 0.4))
FUNCTION_RANKS = 100  # the words above are in any text alike; 46 % of all words are these
FIELD_SPREAD = 1.2  # how much a field's use of a word differs: standard deviation of its logarithm
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is")]


@cache
def list_words() -> tuple[tuple[str, float], ...]:
    """Every word with how often it comes in a million words, the most frequent first."""
    cells = COUNTS.read_text(encoding="ascii").split()
    counted = {word: float(count) for word, count in zip(cells[::2], cells[1::2], strict=True)}
    dice, rare = random.Random(7), list[tuple[str, float]]()
    seen = set(counted)
    for rank in range(len(counted) + 1, RARE_RANKS[-1][0] + 1):
        word = make_rare_word(dice)
        while word in seen:
            word = make_rare_word(dice)
        seen.add(word)
        rare.append((word, estimate_count(rank)))
    return (*counted.items(), *rare)


def make_rare_word(dice: random.Random) -> str:
    """Two to four syllables: no English word, save by chance."""
    return "".join(dice.choices(SYLLABLES, k=dice.choice((2, 3, 3, 4))))


def estimate_count(rank: int) -> float:
    """How often a word of this rank, 1,000 or more, comes in a million words."""
    for (low, often), (high, seldom) in pairwise(RARE_RANKS):
        if rank <= high:
            share = math.log(rank / low) / math.log(high / low)
            return math.exp(math.log(often) + share * math.log(seldom / often))
    return RARE_RANKS[-1][1]


@cache
def weigh_for_field(field: int) -> list[float]:
    """The summed weights of `list_words` in the texts of this field, for `random.choices`.

    Function words weigh the same in all fields; what else a field says more or less often.
    """
    dice = random.Random(1_000 + field)
    middle = -(FIELD_SPREAD**2) / 2  # so that all fields together use a word as often as it says
    return list(
        accumulate(
            count if rank < FUNCTION_RANKS else count * dice.lognormvariate(middle, FIELD_SPREAD)
            for rank, (_, count) in enumerate(list_words())
        )
    )


def draw_words(dice: random.Random, field: int, count: int) -> list[str]:
    """So many words as a text of this field has them, in no order that means anything."""
    drawn = dice.choices(list_words(), cum_weights=weigh_for_field(field), k=count)
    return [word for word, _ in drawn]
