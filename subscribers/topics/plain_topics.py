"""Topics of small letters, digits and hyphens, as most are: read word by word, each word once.

Most rules of the language are of capitals, quotes and other signs, and do not concern them. What
they mean is the same (tests/subscribers/topics/test_plain_topics.py).
"""

from __future__ import annotations

import re
from functools import lru_cache

from subscribers.topics.stems import make_singular
from subscribers.topics.terms import ParsedTopic, Term, TopicWord
from subscribers.topics.words import read_words

_WORD = "[a-z0-9]+(?:-[a-z0-9]+)*"
_PHRASE = f"{_WORD}(?: {_WORD})*"
_PLAIN_TOPIC = re.compile(rf"(?P<wanted>{_PHRASE}(?: \+ {_PHRASE})*)(?P<unwanted>(?: -{_WORD})*)")
_CACHED_WORDS = 10_000
_CACHED_PHRASES = 10_000  # one stands in many topics


def read_plain_topic(query: str) -> ParsedTopic | None:
    """Return the topic of plain phrases joined by plus signs, without plain words left out.

    None for any other. Nothing is refused: this is for what was accepted before.
    """
    typed = _PLAIN_TOPIC.fullmatch(query)
    if typed is None:
        return None
    wanted, unwanted = typed["wanted"].split(" + "), typed["unwanted"].split(" -")[1:]
    return ParsedTopic(query, _read_phrases(wanted), _read_phrases(unwanted))


def _read_phrases(phrases: list[str]) -> tuple[Term, ...]:
    """The terms, each once."""
    if len(phrases) == 1:
        return (read_plain_phrase(phrases[0]),)
    terms: dict[str, Term] = {}
    for term in map(read_plain_phrase, phrases):
        terms.setdefault(term.key, term)
    return tuple(terms.values())


@lru_cache(_CACHED_PHRASES)
def read_plain_phrase(phrase: str) -> Term:
    """Return a phrase as a term; it has words of small letters, digits and hyphens only."""
    first, *others = phrase.split(" ")
    words = _read_word(first, "")
    for raw in others:
        words += _read_word(raw, " ")
    return Term(words)


@lru_cache(_CACHED_WORDS)
def _read_word(raw: str, gap: str) -> tuple[TopicWord, ...]:
    """What stands between two blanks: a word, or several where hyphens or digits part them.

    `gap` is what stands before it.
    """
    read = read_words(raw)
    gaps = [gap, *(read.gap_before(i) for i in range(1, len(read.stems)))]
    rows = zip(read.stems, read.folded, gaps, strict=True)
    return tuple(
        TopicWord(stem, make_singular(folded), folded, "", gap) for stem, folded, gap in rows
    )
