"""What a search that found nothing may have meant: its words, one letter apart, as papers say them.

A word that no paper holds is compared with all that differ from it by one letter too many, too few,
another, or two that changed places: four of five slips of the pen are such (F. J. Damerau, 1964,
https://doi.org/10.1145/363958.363994). Of these the word that most of the newest papers say is
proposed. Names and categories are left as they were typed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from string import ascii_lowercase

from digest.match.word_index import find_holding_any
from digest.models import Paper
from subscribers.topics.letters import fold
from subscribers.topics.stems import stem
from subscribers.topics.words import normal_form

SHORTEST = 4  # letters: a shorter word is one letter from too many others
LONGEST = 20
MOST_WORDS = 2  # of one search that are looked at, at some ten milliseconds each
SAMPLE = 50  # papers that are read for their words
_WORD = re.compile(rf"(?<![\w:\"'.])(?<!\w-)[A-Za-z]{{{SHORTEST},{LONGEST}}}(?![\w:\"'-])")
_SAID = re.compile(r"[^\W\d_]+")


def suggest_spelling(query: str) -> str:
    """The query with its unknown words spelled as papers spell them; "" where nothing is nearer."""
    words = {found[0] for found in _WORD.finditer(query)}
    unknown = [word for word in sorted(words) if not _is_known(word)][:MOST_WORDS]
    better = {word: near for word in unknown if (near := _find_nearest(word))}
    if not better:
        return ""
    return _WORD.sub(lambda found: better.get(found[0], found[0]), query)


def _is_known(word: str) -> bool:
    return bool(find_holding_any(normal_form(word).split(), 1))


def _find_nearest(word: str) -> str:
    """The word one letter apart that most papers say; "" where none says any."""
    spellings = set(_list_neighbours(fold(word)))
    forms = {stem(one) for one in spellings}
    papers = Paper.objects.filter(pk__in=find_holding_any(forms, SAMPLE))
    said = Counter[str]()
    for title, abstract in papers.values_list("title", "abstract"):
        said.update(spellings.intersection(_SAID.findall(f"{title} {abstract}".lower())))
    # The first of those that are said as often, so that the answer stays the same.
    return min(said, key=lambda one: (-said[one], one), default="")


def _list_neighbours(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        yield from (head + letter + tail for letter in ascii_lowercase)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in ascii_lowercase)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
