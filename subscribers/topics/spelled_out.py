"""The acronyms that a text spells out: either of the two stands in brackets behind the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from subscribers.topics.capitals import list_capitals
from subscribers.topics.phrases import lower_sentence_capitals
from subscribers.topics.stems import make_singular
from subscribers.topics.words import Words, read_words

SMALL_WORDS = frozenset({"of", "and", "for", "the", "in", "on", "to", "a", "with", "by", "from"})
_MOST_LETTERS = 8
_BRACKETED = re.compile(r"\(([^()]{2,120})\)")
_LAST_WORD = re.compile(r"\w+(?=\s*$)")
_REACH_CHARS = 120

Stems = tuple[str, ...]


class SpelledOut(NamedTuple):
    """An acronym as one paper spells it out: its letters, the stems and spelling of its words."""

    short: str
    stems: Stems
    spelled: str


def find_spelled_out(text: str) -> Iterator[SpelledOut]:
    """The acronyms a text spells out, either one in brackets behind the other."""
    for bracketed in _BRACKETED.finditer(text):
        inside = bracketed.group(1).strip("“”\"' ")
        before = text[max(0, bracketed.start() - _REACH_CHARS) : bracketed.start()]
        if short := _read_acronym(inside):
            yield from _pair_with_long_form(short, read_words(before), is_behind=False)
        elif (last := _LAST_WORD.search(before)) and (short := _read_acronym(last.group())):
            yield from _pair_with_long_form(short, read_words(inside), is_behind=True)


def _read_acronym(word: str) -> str:
    """The word as it must be spelled, or "" if it does not look like an acronym."""
    short = list_capitals(word)
    is_one = (
        2 <= len(short) <= _MOST_LETTERS and short.isalpha() and len(read_words(short).stems) == 1
    )
    return short if is_one else ""


def _pair_with_long_form(short: str, words: Words, *, is_behind: bool) -> Iterator[SpelledOut]:
    """The long form whose letters fit: the last words before a bracket, or all within it."""
    last = len(words.stems) - 1
    shortest_first = range(last - 1, max(-1, last - 2 * len(short) - 1), -1)
    for first in [0] if is_behind else shortest_first:
        if (
            first < last
            and _letters_fit(short.casefold(), words, first)
            and words.is_together(first, last)
        ):
            yield SpelledOut(short, tuple(words.stems[first:]), _spell_in_singular(words, first))
            return


def _spell_in_singular(words: Words, first: int) -> str:
    """The long form as it is spelled, its last word in the singular: LLM is one model."""
    last = len(words.stems) - 1
    spelled = lower_sentence_capitals(words.spell(first, last))
    ending = words.folded[last]
    return (
        spelled.removesuffix(ending) + make_singular(ending)
        if spelled.endswith(ending)
        else spelled
    )


def _letters_fit(letters: str, words: Words, first: int) -> bool:
    """Whether the words from first on give all the letters in order.

    Every word gives its first letter and maybe more; small words and the later parts of a
    compound (auto-encoder) may give none.
    """
    if words.folded[first] in SMALL_WORDS or (first and words.is_compound(first)):
        return False
    consumed = {0}  # how many letters the words so far may have given
    for i in range(first, len(words.stems)):
        word = words.folded[i]
        after = {end for start in consumed for end in _consume_letters(letters, start, word)}
        if i > first and (word in SMALL_WORDS or words.is_compound(i)):
            after |= consumed
        consumed = after
    return len(letters) in consumed


def _consume_letters(letters: str, start: int, word: str) -> Iterator[int]:
    """How many letters may be used up after this word, which gives its first and any later ones."""
    if start == len(letters) or letters[start] != word[0]:
        return
    yield start + 1
    at, end = 1, start + 1
    while end < len(letters) and (at := word.find(letters[end], at) + 1):
        end += 1
        yield end
