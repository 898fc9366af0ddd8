"""Papers of two fields that share no words, so that what a word means can be seen beside it."""

from __future__ import annotations

from random import Random

_BAKING = "bread dough oven yeast flour crust loaf bakery knead rise sourdough rye starter proof"
_STARS = "galaxy star orbit redshift nebula dust quasar telescope halo disk supernova flux dwarf"
FIELDS = {"baking": _BAKING.split(), "stars": _STARS.split()}


def write_papers(field: str, *sentences: str, count: int = 1) -> list[str]:
    """So many papers of a field, each with one of these sentences in it, in turn."""
    dice = Random(f"{field} {sentences}")
    words = FIELDS[field]
    return [
        f"{', '.join(dice.sample(words, 7))}. {sentences[n % len(sentences)]}. "
        f"{', '.join(dice.sample(words, 7))}."
        for n in range(count)
    ]


def write_both_fields() -> list[str]:
    """Papers that say nothing else: 6 about baking, as most are about something else, and 114."""
    return [*write_papers("baking", "", count=6), *write_papers("stars", "", count=114)]
