"""Where the words that show a match stand in a text, so that pages and mails can mark them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from subscribers.topics.capitals import list_capitals
from subscribers.topics.words import Words, normal_form, read_words

Span = tuple[int, int]  # of characters: the first, and the one after the last
# The normal forms of topics and found words, which come again and again.
read_form = lru_cache(16_384)(normal_form)


class Phrase(NamedTuple):
    """A topic's words as they are looked for: folded, and with their capitals where they count."""

    said: str  # as it was given
    folded: list[str]
    capitals: list[str]  # "" where they do not count

    def is_at(self, text: Words, i: int) -> bool:
        """Whether the phrase begins with word i of the text."""
        if len(self.folded) > 1 and self.folded != text.folded[i : i + len(self.folded)]:
            return False
        return all(
            not letters or list_capitals(text.spell(at, at)) == letters
            for at, letters in enumerate(self.capitals, i)
        )


class Place(NamedTuple):
    """Where a phrase stands in a text: its first word, the one after its last, and the phrase."""

    first: int
    end: int
    said: str


def find_words(text: str | Words, words: Sequence[str]) -> list[tuple[Span, str]]:
    """Return the spans of a topic's words in the text, from left to right, none within another.

    Each span comes with the one of `words` that stands there. They are compared as topics are: in
    any case, with or without hyphens, and letter by letter where their capitals count. A text that
    is searched again and again is read once (read_words) and given as what was read.
    """
    read = read_words(text) if isinstance(text, str) else text
    places = find_places(read, words)
    if not places:
        return []
    spans = read.spans
    return [((spans[first][0], spans[end - 1][1]), said) for first, end, said in places]


def find_places(text: Words, words: Sequence[str]) -> list[Place]:
    """The same by the numbers of the words in the text.

    One pass over the text, whatever is looked for: each of its words leads to the few phrases that
    begin with it, the longest first.
    """
    by_first = _sort_phrases(tuple(words))
    places, free = list[Place](), 0
    # Most texts hold nothing of what is looked for.
    if text.has_none_of(by_first):
        return places
    for i in [i for i, word in enumerate(text.folded) if word in by_first]:
        if i < free:
            continue
        for phrase in by_first[text.folded[i]]:
            if phrase.is_at(text, i):
                free = i + len(phrase.folded)
                places.append(Place(i, free, phrase.said))
                break
    return places


def list_first_words(words: Sequence[str]) -> Collection[str]:
    """The folded words that the phrases begin with: a text without any of them holds no phrase."""
    return _sort_phrases(tuple(words)).keys()


@lru_cache(8192)
def _sort_phrases(words: tuple[str, ...]) -> Mapping[str, list[Phrase]]:
    """The phrases by their first word: the longest first, else in the order of the words."""
    phrases = filter(None, map(_read_phrase, dict.fromkeys(words)))
    by_first: dict[str, list[Phrase]] = {}
    for phrase in sorted(phrases, key=lambda phrase: -len(phrase.folded)):
        by_first.setdefault(phrase.folded[0], []).append(phrase)
    return by_first


@lru_cache(8192)
def _read_phrase(said: str) -> Phrase | None:
    """None where there is no word in it."""
    read = read_words(said)
    capitals = [list_capitals(read.spell(i, i)) for i in range(len(read.folded))]
    return Phrase(said, read.folded, capitals) if read.folded else None
