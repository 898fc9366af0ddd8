"""English words without their endings: the plural alone, or down to the stem."""

from __future__ import annotations

from functools import lru_cache
from threading import local

import Stemmer

from subscribers.topics.plurals import ENDING_IN_OE, NUMBERS_OF_PHRASES, SINGULARS

_CACHED_WORDS = 32_768
# What is mostly shortened: P versus NP is P vs NP.
_SHORTENED = {"versus": "vs"}
_stemmers = local()  # a stemmer must not be shared by threads


@lru_cache(_CACHED_WORDS)
def make_singular(folded: str) -> str:
    """Return an English word without its plural ending, and nothing else taken away."""
    if folded in SINGULARS:
        return SINGULARS[folded]
    if len(folded) < 4 or folded[-1] != "s" or folded[-2] in "sui":
        return folded
    if folded.endswith("ies") and len(folded) > 4:
        return folded[:-3] + "y"
    if folded.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return folded[:-2]
    if folded.endswith("oes") and folded not in ENDING_IN_OE:
        return folded[:-2]
    return folded[:-1]


@lru_cache(_CACHED_WORDS)
def stem(folded: str) -> str:
    """Return the stem of a folded word: Snowball's English, repeated until nothing changes."""
    word = _SHORTENED.get(folded) or NUMBERS_OF_PHRASES.get(folded) or SINGULARS.get(folded, folded)
    if not any(vowel in word for vowel in "aeiouy"):
        return make_singular(word)  # Snowball leaves the plural of llm and cnn alone
    stemmer = getattr(_stemmers, "english", None)
    if stemmer is None:
        stemmer = _stemmers.english = Stemmer.Stemmer("english")
    while (shorter := str(stemmer.stemWord(word))) != word:
        word = SINGULARS.get(shorter, shorter)
    return word


def find_all(stems: list[str], stem: str) -> list[int]:
    """Where it stands in the list, by the list's own search, which is quick where that is rare."""
    places, at = list[int](), -1
    for _ in range(stems.count(stem)):
        at = stems.index(stem, at + 1)
        places.append(at)
    return places
