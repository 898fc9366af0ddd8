"""Learn from papers in which other ways they write words: once a day, from some thousands."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from subscribers.topics.acronyms import Acronyms, learn_acronyms
from subscribers.topics.capitals import list_capitals
from subscribers.topics.kept_compounds import list_kept_compounds
from subscribers.topics.learn_compounds import learn_compounds
from subscribers.topics.learn_orders import learn_orders
from subscribers.topics.neighbourhoods import ReadPapers
from subscribers.topics.stems import make_singular
from subscribers.topics.variants import Kind, Variant, Variants
from subscribers.topics.words import Words

_FEWEST_WITH_ENDING = 5  # papers with each of two endings
# Two endings are used alike where so many papers have both, which is so large a share of those with
# the rarer one, and so many times what chance would bring.
_FEWEST_WITH_BOTH, _LEAST_SHARE, _LEAST_LIFT = 3, 0.3, 2.0
# An ending that is so much more frequent than the one typed would fill a reader's mail with it.
_MOST_MORE = 2
_MOST_OF_ALL = 0.15  # and so would one that so large a share of all papers has
# "We explore" is not about exploration: a word that so often stands behind one of these is a verb.
_BEFORE_VERBS = frozenset(["can", "could", "may", "not", "they", "to", "we", "which", "will"])
_VERB_SHARE = 0.3
_FEWEST_WITH_NAME = 3
_LIKE_ENDING = 0.8
_LIKE_NAME = 0.85
# Acronyms are often words as well: CLIP and clip, ACT and act.
_LIKE_ACRONYM, _MOST_OF_ACRONYM, _FEWEST_OF_ACRONYM = 0.9, 0.5, 2
# Two words written as one, each with its capital, are hardly another word: PyTorch, GitHub.
_LIKE_JOINED_NAME = 0.75
_JOINED_NAME = re.compile(r"(?=\w{6})[A-Z][a-z]+(?:[A-Z][a-z]+)+")

_Papers = dict[str, set[int]]


def learn_forms(texts: Iterable[str]) -> Acronyms:
    """Return all that papers teach of how things are written: acronyms, and variants."""
    kept = list(texts)
    return replace(learn_acronyms(kept), variants=learn_variants(kept))


def learn_variants(texts: Iterable[str]) -> Variants:
    """Return the other ways in which these texts (one a paper) write words and phrases.

    The same texts give the same. Takes some 2 ms a paper.
    """
    papers = ReadPapers(texts)
    compounds = list(learn_compounds(papers))
    learned = [
        *compounds,
        *list_kept_compounds(papers, compounds),
        *_learn_endings(papers),
        *_learn_names(papers),
        *learn_orders(papers),
    ]
    return Variants(tuple(sorted(learned)))


def _learn_endings(papers: ReadPapers) -> Iterator[Variant]:
    """Words of one stem that the same papers use: robustness and robust."""
    verbs = _find_verbs(papers)
    for stem, having in _find_endings(papers).items():
        words = sorted(
            word for word in having.keys() - verbs if len(having[word]) >= _FEWEST_WITH_ENDING
        )
        for word in words:
            for other in words:
                own, others = having[word], having[other]
                if word != other and _is_used_alike(own, others, papers, stem):
                    yield Variant(Kind.ENDING, word, other, word, other, len(own), len(others))


def _find_endings(papers: ReadPapers) -> dict[str, _Papers]:
    """The papers with each word, in the singular, by its stem."""
    found: defaultdict[str, _Papers] = defaultdict(dict)
    for paper, words in enumerate(papers.words):
        for stem, folded in set(zip(words.stems, words.folded, strict=True)):
            if len(folded) > 3 and folded.isalpha():
                found[stem].setdefault(make_singular(folded), set()).add(paper)
    return found


def _find_verbs(papers: ReadPapers) -> set[str]:
    """Words that mostly say what somebody does: we explore, to generate."""
    often, behind = Counter[str](), Counter[str]()
    for words in papers.words:
        often.update(words.folded)
        behind.update(after for before, after in pairwise(words.folded) if before in _BEFORE_VERBS)
    return {word for word, times in behind.items() if times > _VERB_SHARE * often[word]}


def _is_used_alike(own: set[int], others: set[int], papers: ReadPapers, stem: str) -> bool:
    both, rarer = len(own & others), min(len(own), len(others))
    return (
        both >= max(_FEWEST_WITH_BOTH, _LEAST_SHARE * rarer)
        and both * len(papers) >= _LEAST_LIFT * len(own) * len(others)
        and len(others) <= min(_MOST_MORE * len(own), _MOST_OF_ALL * len(papers))
        and papers.rank_likeness(own, others - own or others, [stem]) >= _LIKE_ENDING
    )


def _learn_names(papers: ReadPapers) -> Iterator[Variant]:
    """Names in other capitals, where papers with these are about the same: CelebA and celeba."""
    for stem, having in _find_spellings(papers).items():
        names = [name for name in having if list_capitals(name) and len(name) > 2]
        for name in sorted(names):
            if len(having[name]) < _FEWEST_WITH_NAME:
                continue
            for other in sorted(having.keys() - {name}):
                if not _is_one_word(name, other):
                    continue
                own, others = having[name], having[other]
                likeness = papers.rank_likeness(own, others, [stem])
                if _is_one_name(name, len(own), len(others), likeness):
                    yield Variant(Kind.NAME, name, other, name, other, len(own), len(others))


def _find_spellings(papers: ReadPapers) -> dict[str, _Papers]:
    """The papers with each spelling of a word that has capitals in some, by its stem.

    A spelling whose capitals do not count is in small letters.
    """
    stems = {stem for words in papers.words for stem in _list_capital_stems(words)}
    found: defaultdict[str, _Papers] = defaultdict(dict)
    for paper, words in enumerate(papers.words):
        for i, stem in enumerate(words.stems):
            if stem in stems and words.folded[i].isalpha():
                spelled = list_capitals(words.spell(i, i)) or words.folded[i]
                found[stem].setdefault(spelled, set()).add(paper)
    return found


def _list_capital_stems(words: Words) -> Iterator[str]:
    """The stems of a paper's words whose capitals count."""
    for i, folded in enumerate(words.folded):
        if (spelled := words.spell(i, i)) != folded and list_capitals(spelled):
            yield words.stems[i]


def _is_one_name(name: str, papers: int, others: int, likeness: float) -> bool:
    if name.isupper():
        is_rare = _FEWEST_OF_ACRONYM <= others <= _MOST_OF_ACRONYM * papers
        return is_rare and likeness >= _LIKE_ACRONYM
    return likeness >= (_LIKE_JOINED_NAME if _JOINED_NAME.fullmatch(name) else _LIKE_NAME)


def _is_one_word(name: str, other: str) -> bool:
    """Whether two spellings differ in capitals only; one in small letters may be a plural."""
    small = name.lower()
    return other in (small, f"{small}s", small.removesuffix("s")) or other.lower() == small
