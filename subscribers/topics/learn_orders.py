"""Phrases of three words and more that papers write in several orders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from subscribers.topics.neighbourhoods import ReadPapers
from subscribers.topics.phrases import lower_sentence_capitals
from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.variants import Kind, Stems, Variant
from subscribers.topics.words import Words

_SHORTEST, _LONGEST = 3, 5
_FEWEST_PAPERS = 2  # with each order
_LEAST_LIKENESS = 0.8


def learn_orders(papers: ReadPapers) -> Iterator[Variant]:
    """Yield the phrases that papers write in two orders and mean the same.

    The last word is the same in both: vision language model, but not language model vision. No
    small word stands in them: text to image is not image to text.
    """
    several = _find_several_orders(papers)
    seen: defaultdict[int, defaultdict[Stems, set[int]]]
    seen = defaultdict(lambda: defaultdict(set))
    spelled: defaultdict[Stems, Counter[str]] = defaultdict(Counter)
    for paper, words in enumerate(papers.words):
        for first, end in _list_phrases(words):
            stems = tuple(words.stems[first:end])
            key = _hash_unordered(stems)
            if key in several:
                seen[key][stems].add(paper)
                spelled[stems][lower_sentence_capitals(words.spell(first, end - 1))] += 1
        words.drop_places()
    for orders in seen.values():
        for one, other in combinations(sorted(orders), 2):
            having, others = orders[one], orders[other]
            if min(len(having), len(others)) < _FEWEST_PAPERS:
                continue
            if papers.rank_likeness(having, others, one) >= _LEAST_LIKENESS:
                forms = " ".join(one), " ".join(other)
                spellings = _choose_usual(spelled[one]), _choose_usual(spelled[other])
                yield Variant(Kind.ORDER, *forms, *spellings, len(having), len(others))


def _choose_usual(spellings: Counter[str]) -> str:
    return spellings.most_common(1)[0][0]


def _find_several_orders(papers: ReadPapers) -> set[int]:
    """The hashes of all phrases that stand in more than one order."""
    first_seen: dict[int, int] = {}
    several = set[int]()
    for words in papers.words:
        for first, end in _list_phrases(words):
            stems = tuple(words.stems[first:end])
            key, order = _hash_unordered(stems), hash(stems)
            if first_seen.setdefault(key, order) != order:
                several.add(key)
        words.drop_places()
    return several


def _hash_unordered(stems: Stems) -> int:
    """Equal for the same words in any order with the same last one."""
    return hash((*sorted(stems[:-1]), stems[-1]))


def _list_phrases(words: Words) -> Iterator[tuple[int, int]]:
    """Phrases of three to five words without stops, digits and small words: first, and end.

    None begins or ends within a compound.
    """
    folded, segments, length = words.folded, words.segments, 0
    for i, word in enumerate(folded):
        if word in STOP_WORDS or not word.isalpha():
            length = 0
            continue
        length = length + 1 if length and segments[i] == segments[i - 1] else 1
        if length < _SHORTEST or (i + 1 < len(folded) and words.is_compound(i + 1)):
            continue
        for first in range(max(i - length, i - _LONGEST) + 1, i - _SHORTEST + 2):
            if not (first and words.is_compound(first)):
                yield first, i + 1
