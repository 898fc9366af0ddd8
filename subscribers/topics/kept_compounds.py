"""Acronyms with a small letter before them, which stands for a word: fMRI, f-MRI, functional MRI.

What papers teach of other compounds needs several that write it in both ways. These are kept, since
each field writes its own in one way and its neighbours in another: one paper is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from subscribers.topics.neighbourhoods import ReadPapers
from subscribers.topics.variants import Kind, Variant
from subscribers.topics.words import Words, read_words

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
    for short, word in KEPT:
        [closed] = read_words(short).stems
        others = {
            Kind.HYPHEN: f"{short[0]}-{short[1:]}",
            Kind.COMPOUND: f"{word} {short[1:]}",
        }
        parts = {kind: tuple(read_words(other).stems) for kind, other in others.items()}
        having = sum(closed in words.positions for words in papers.words)
        apart = {
            kind: sum(_holds(words, pair) for words in papers.words) for kind, pair in parts.items()
        }
        if not having and not any(apart.values()):
            continue
        for kind, other in others.items():
            stems = " ".join(parts[kind])
            if (closed, stems) not in known:
                yield Variant(kind, closed, stems, short, other, having, apart[kind])


def _holds(words: Words, pair: tuple[str, ...]) -> bool:
    starts = words.positions.get(pair[0], ())
    return any(tuple(words.stems[at : at + 2]) == pair for at in starts)
