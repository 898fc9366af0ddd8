"""Where the words that show a match stand in a text, so that pages and mails can mark them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from subscribers.topics.words import Words, list_capitals, read_words

Span = tuple[int, int]  # of characters: the first, and the one after the last


def find_words(text: str, words: Sequence[str]) -> list[tuple[Span, str]]:
    """Return the spans of a topic's words in the text, from left to right, none within another.

    Each span comes with the one of `words` that stands there. They are compared as topics are: in
    any case, with or without hyphens, and letter by letter where their capitals count.
    """
    phrases = {word: phrase for word in words if (phrase := _read_phrase(word))}
    read, spans, i = read_words(text), list[tuple[Span, str]](), 0
    while i < len(read.folded):
        here = [word for word, phrase in phrases.items() if _is_phrase_at(phrase, read, i)]
        if not here:
            i += 1
            continue
        longest = max(here, key=lambda word: len(phrases[word]))
        end = i + len(phrases[longest])
        spans.append(((read.spans[i][0], read.spans[end - 1][1]), longest))
        i = end
    return spans


@lru_cache(4096)
def _read_phrase(phrase: str) -> tuple[tuple[str, str], ...]:
    """The folded words of a phrase, each with its capitals where they count."""
    read = read_words(phrase)
    return tuple((word, list_capitals(read.spell(i, i))) for i, word in enumerate(read.folded))


def _is_phrase_at(phrase: tuple[tuple[str, str], ...], read: Words, i: int) -> bool:
    if [word for word, _ in phrase] != read.folded[i : i + len(phrase)]:
        return False
    wanted = ((i + k, letters) for k, (_, letters) in enumerate(phrase) if letters)
    return all(list_capitals(read.spell(at, at)) == letters for at, letters in wanted)
