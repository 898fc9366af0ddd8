"""Acronyms with a small letter before them, which stands for a word: fMRI, f-MRI, functional MRI.

What papers teach of other compounds needs several that write it in both ways. These are kept, since
each field writes its own in one way and its neighbours in another: one paper is enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import NamedTuple

from subscribers.topics.neighbourhoods import ReadPapers
from subscribers.topics.variants import Kind, Stems, Variant
from subscribers.topics.words import read_words

# The acronym, and the word that its small letter stands for.
_KEPT = """
fMRI functional|dMRI diffusion|sMRI structural|qMRI quantitative|fNIRS functional
|qPCR quantitative|dPCR digital|mRNA messenger|tRNA transfer|rRNA ribosomal|gRNA guide
|eDNA environmental|cAMP cyclic|cGMP cyclic|eQTL expression|pQTL protein|rTMS repetitive
|eVTOL electric|iEEG intracranial|qEEG quantitative|hiPSC human
"""
KEPT = tuple((row.split()[0], row.split()[1]) for row in _KEPT.split("|"))


def list_kept_compounds(papers: ReadPapers, learned: list[Variant]) -> Iterator[Variant]:
    """Yield those of the kept compounds that some paper has in any form, unless it was learned."""
    known = {(row.form, row.other) for row in learned}
    forms = [_read_forms(short, word) for short, word in KEPT]
    counts = _count_papers(papers, {stems for one in forms for stems in (one.closed, *one.parts)})
    for one in forms:
        having = counts[one.closed]
        apart = [counts[stems] for stems in one.parts]
        if not having and not any(apart):
            continue
        for kind, other, stems, beside in zip(_KINDS, one.others, one.parts, apart, strict=True):
            form = " ".join(stems)
            if (one.closed[0], form) not in known:
                yield Variant(kind, one.closed[0], form, one.short, other, having, beside)


_KINDS = (Kind.HYPHEN, Kind.COMPOUND)


class _Forms(NamedTuple):
    """One compound: as it is written closed, by its stem, and apart, as _KINDS has it."""

    short: str
    closed: Stems
    others: tuple[str, str]
    parts: tuple[Stems, Stems]


def _read_forms(short: str, word: str) -> _Forms:
    hyphen, apart = f"{short[0]}-{short[1:]}", f"{word} {short[1:]}"
    closed, *parts = (tuple(read_words(text).stems) for text in (short, hyphen, apart))
    return _Forms(short, closed, (hyphen, apart), (parts[0], parts[1]))


def _count_papers(papers: ReadPapers, wanted: AbstractSet[Stems]) -> Counter[Stems]:
    """In how many papers each of these stands: one stem, or two side by side."""
    counts: Counter[Stems] = Counter()
    firsts = {stems[0] for stems in wanted}
    for words in papers.words:
        if not firsts.isdisjoint(stems := words.stems):
            counts.update(wanted & {*zip(stems, strict=False), *pairwise(stems)})
    return counts
