"""Papers and topics in any number: the bench's, or a walk through texts that somebody has.

A walk's next word is one that follows the last word somewhere in the texts. So common words are
common, phrases come back, and rare words stay rare. Its topics are the keywords that the texts'
authors gave them, the frequent ones first, and then what people type: phrases out of such papers,
words that stand together in none, names of authors, two phrases joined, phrases with something
left out.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from random import Random

from bench.papers import GIVEN, make_papers
from bench.topics import make_topics
from bench.words import make_rare_word
from subscribers.topics import Text
from subscribers.topics.terms import STOP_WORDS

TITLE_WORDS, ABSTRACT_WORDS = (5, 13), (110, 220)
CATEGORIES = ("cs.CL", "cs.LG", "cs.CV", "cs.AI", "cs.RO", "stat.ML", "eess.IV", "math.OC")
PHRASES_A_PAPER = 12
_END = ""  # follows the last word of a text


def make_material(texts: Path | None, topics: int) -> tuple[Iterator[Text], Iterator[str]]:
    """Papers without end, and so many topics as they are typed; the same at every call."""
    if texts is None:
        made = make_papers(10**9, seed=9)
        papers = (Text(p.title, p.abstract, p.authors, "", p.categories) for p in made)
        return papers, make_topics(topics)
    walk = TextWalk(texts)
    return walk.make_papers(Random(1)), islice(walk.make_topics(Random(2)), topics)


class TextWalk:
    """Papers and topics out of a JSONL file, gzipped or not: title, abstract and keywords."""

    def __init__(self, path: Path) -> None:
        body = path.read_bytes()
        lines = (gzip.decompress(body) if path.suffix == ".gz" else body).decode().splitlines()
        self._after: defaultdict[str, list[str]] = defaultdict(list)
        self._keywords: Counter[str] = Counter()
        for row in map(json.loads, lines):
            self._keywords.update(keyword.casefold() for keyword in row.get("keywords", ()))
            for text in (row["title"], row["abstract"]):
                words = text.split()
                for word, following in zip([_END, *words], [*words, _END], strict=True):
                    self._after[word].append(following)

    def make_papers(self, dice: Random) -> Iterator[Text]:
        while True:
            title = self._walk(dice, dice.randint(*TITLE_WORDS))
            abstract = self._walk(dice, dice.randint(*ABSTRACT_WORDS))
            authors = tuple(make_name(dice) for _ in range(dice.randint(1, 9)))
            categories = tuple(dice.sample(CATEGORIES, dice.randint(1, 3)))
            yield Text(title, abstract, authors, "", categories)

    def _walk(self, dice: Random, size: int) -> str:
        words, last = list[str](), _END
        while len(words) < size:
            last = dice.choice(self._after[last])
            if last:
                words.append(last)
        return " ".join(words)

    def make_topics(self, dice: Random) -> Iterator[str]:
        phrases = self._cut_phrases(dice)
        words = [word for phrase in islice(phrases, 2_000) for word in phrase.split()]
        seen = dict.fromkeys(keyword for keyword, _ in self._keywords.most_common())
        yield from seen
        for _ in count():
            topic = make_topic(dice, phrases, words)
            if topic not in seen:
                seen[topic] = None
                yield topic

    def _cut_phrases(self, dice: Random) -> Iterator[str]:
        """Phrases of two to four words out of papers, and a few long words."""
        for paper in self.make_papers(dice):
            words = [word.strip(".,;:()?!\"'“”$").casefold() for word in paper.abstract.split()]
            for _ in range(PHRASES_A_PAPER):
                size = dice.choice((1, 2, 2, 2, 2, 3, 3, 4))
                first = dice.randrange(max(1, len(words) - size))
                if is_phrase(words[first : first + size]):
                    yield " ".join(words[first : first + size])


def make_topic(dice: Random, phrases: Iterator[str], words: list[str]) -> str:
    kind, phrase = dice.random(), next(phrases)
    if kind < 0.50:
        return phrase
    if kind < 0.80:
        return f"{dice.choice(words)} {dice.choice(words)}"
    if kind < 0.86:
        return f"{phrase} + {next(phrases)}"
    if kind < 0.96:
        return f'author:"{make_name(dice)}"'
    if kind < 0.98:
        return f"{phrase} -{dice.choice(words)}"
    return f'"{phrase}"'


def make_name(dice: Random) -> str:
    return f"{dice.choice(GIVEN.split())} {make_rare_word(dice).title()}"


def is_phrase(words: list[str]) -> bool:
    """Whether somebody would type it: words of letters, none of the small ones at its ends."""
    is_plain = all(word.replace("-", "").isalpha() for word in words)
    is_plain = is_plain and (len(words) > 1 or len(words[0]) > 9)
    return is_plain and words[0] not in STOP_WORDS and words[-1] not in STOP_WORDS
