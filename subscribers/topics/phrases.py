"""Phrases of a text that could be topics: runs of words that say something by themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from subscribers.topics.capitals import list_capitals
from subscribers.topics.stems import stem
from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.words import Words

LONGEST = 5
# What every abstract says, whatever it is about.
_FILLER_WORDS = (
    "ability accurate achieve achieves across additional address advance aim analysis apply "
    "approach art author available average based benefit best better call capable case challenge "
    "challenging compare comparison comprehensive conduct consider consistent contribution "
    "current dataset datasets demonstrate despite detail develop different difficult direct due "
    "effective effectively efficient enable end enhance evaluate evaluation example existing "
    "experiment experimental experiments explore extend extensive field final find findings five "
    "following four framework fundamental further furthermore future github given good great "
    "higher highly however html http https idea identify impact important improve improvement "
    "including increase increasing insight introduce investigate issue lead leading leverage like "
    "limit limitation limited main major make making many method methodology metric million "
    "multiple namely necessary need new notably novel number obtain outperform outperforms "
    "overall paper part particular percent perform performance popular possible potential "
    "practical present previous prior problem project promising proposal propose proposed provide "
    "recent recently reduce relate relevant rely remain report require research respectively "
    "result reveal robust section set several show significant significantly simple six sota "
    "solution source specific standard still strong study suggest superior task technique term "
    "thing thorough three today total toward towards traditional type typical understand unique "
    "url use used useful usual validate variety various way well whole wide widely work www year "
    "yield "
)
_FILLER = frozenset(stem(word) for word in _FILLER_WORDS.split())
# Of the same stems, but names of matters: radiance fields, relation extraction, treatment effects.
_NAMING_WORDS = (
    "consistency difference differences effect effects exploration field fields importance "
    "reduction relation relations relevance requirements robustness"
)
_NAMING = frozenset(_NAMING_WORDS.split())
_TOKEN = re.compile(r"\w+")
# Small words that are no part of a name, beside those that are in every paper.
_BETWEEN_WORDS = (
    "against along although always among amid around because beyond despite even every few hence "
    "during instead many much never often onto per rather since them therefore through throughout "
    "thus together towards unlike whereas whether while whose within without yet"
)
_BETWEEN = STOP_WORDS | frozenset(_BETWEEN_WORDS.split())
_PLAIN = re.compile(r"[\w\s.'’+#‐‑-]+")  # no address and no TeX
_NO_NOUN = re.compile(r"(?<!e)ed$")  # trained; but speed, need


def find_phrases(words: Words, longest: int = LONGEST) -> Iterator[tuple[str, str]]:
    """Yield every phrase of 1 to 5 words: its stems, and how the text spells it.

    A phrase neither begins nor ends with a word that says nothing or within a compound, holds no
    stop, and no small word but "of": chain of thought.
    """
    count = len(words.stems)
    for first in range(count):
        if is_filler(words, first) or (first and words.is_compound(first)):
            continue
        for last in range(first, min(first + longest, count)):
            if last > first and not words.is_together(last - 1, last):
                break
            is_cut = last + 1 < count and words.is_compound(last + 1)
            if is_cut or words.folded[last] == "of":
                continue
            if is_filler(words, last):
                break
            if last == first and not list_capitals(words.spell(first, last)):
                continue  # of single words only names: RLHF, DeepSeek
            spelled = words.spell(first, last)
            if _PLAIN.fullmatch(spelled) and not _NO_NOUN.search(words.folded[last]):
                yield " ".join(words.stems[first : last + 1]), spelled


def is_filler(words: Words, i: int) -> bool:
    """Return whether word i says nothing of what a paper is about: we, novel, 8.66."""
    folded = words.folded[i]
    if len(folded) < 2 or not folded.strip("0123456789."):
        return not (folded.isascii() and _is_in_compound(words, i))  # but 3D, GPT-4, x-ray
    says_nothing = folded in _BETWEEN or (words.stems[i] in _FILLER and folded not in _NAMING)
    return says_nothing or folded[3:].endswith("ly")


def _is_in_compound(words: Words, i: int) -> bool:
    """Whether a word is a part of a compound."""
    is_last = i + 1 == len(words.stems)
    return bool(i and words.is_compound(i)) or (not is_last and words.is_compound(i + 1))


def lower_sentence_capitals(text: str) -> str:
    """Return a phrase as a text spells it, without capitals that only begin a sentence or title."""
    return _TOKEN.sub(_lower_token, " ".join(text.split()))


def _lower_token(token: re.Match[str]) -> str:
    return token.group() if list_capitals(token.group()) else token.group().lower()


def count_phrases(texts: Iterable[Iterable[Words]], fewest: int = 1) -> dict[str, tuple[int, str]]:
    """Return in how many texts (each of one or more parts) every phrase is; and its usual spelling.

    By the phrase's stems; without phrases that fewer than `fewest` texts hold.
    """
    papers: Counter[str] = Counter()
    spellings: dict[str, list[str]] = {}
    for parts in texts:
        once: dict[str, str] = {}
        for words in parts:
            for key, spelled in find_phrases(words):
                once.setdefault(key, spelled)
        papers.update(once.keys())
        for key, spelled in once.items():
            spellings.setdefault(key, []).append(spelled)
    return {key: (n, choose_spelling(spellings[key])) for key, n in papers.items() if n >= fewest}


def choose_spelling(spellings: list[str]) -> str:
    """The usual one; most phrases of a text are in it once, and there is nothing to count."""
    if len(spellings) == 1:
        return lower_sentence_capitals(spellings[0])
    return Counter(map(lower_sentence_capitals, spellings)).most_common(1)[0][0]
