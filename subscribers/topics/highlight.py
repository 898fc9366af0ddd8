"""Where the words that a topic was found by stand in a text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from subscribers.topics.words import Words, capitals, read_words

Span = tuple[int, int]  # of characters: the first, and the one after the last


def find_words(text: str, words: Sequence[str]) -> list[tuple[Span, str]]:
    """Where found words stand in the text, and which: from left to right, none within another.

    They are compared as topics are: in any case, with or without hyphens, and letter by letter
    where their capitals count.
    """
    read, phrases = read_words(text), {word: phrase for word in words if (phrase := _phrase(word))}
    places, i = list[tuple[Span, str]](), 0
    while i < len(read.folded):
        standing = [word for word, phrase in phrases.items() if _stands_at(phrase, read, i)]
        if not standing:
            i += 1
            continue
        longest = max(standing, key=lambda word: len(phrases[word]))
        end = i + len(phrases[longest])
        places.append(((read.spans[i][0], read.spans[end - 1][1]), longest))
        i = end
    return places


@lru_cache(4096)
def _phrase(found: str) -> tuple[tuple[str, str], ...]:
    """The folded words of a phrase, each with its capitals where they count."""
    read = read_words(found)
    return tuple((word, capitals(read.spelled(i, i))) for i, word in enumerate(read.folded))


def _stands_at(phrase: tuple[tuple[str, str], ...], read: Words, i: int) -> bool:
    if [word for word, _ in phrase] != read.folded[i : i + len(phrase)]:
        return False
    wanted = ((i + k, letters) for k, (_, letters) in enumerate(phrase) if letters)
    return all(capitals(read.spelled(at, at)) == letters for at, letters in wanted)
