"""Is this a citation ("ZooBots 10: 1-9", "Nature, Published online: …; doi:…") or prose?

The evidence is counted: what a citation consists of (volume, pages, dates, DOIs) against the small
words that hold sentences together.
"""

from __future__ import annotations

import re

from digest.identifiers import find_doi
from digest.ingest.sources.date_words import MONTHS

CITATION_CHARS = 350
HEAD_CHARS = 300
_SIGNS = re.compile(
    r"\bvol(?:ume|\.)?\s*[\dIVXLC]+\w*|\b(?:issue|no\.?|number|nr\.?|iss\.)\s*\w?\d+\w*"
    r"|\bpp?\.\s*\w?\d+(?:[-–—]\w?\d+)?"
    r"|\bpages?\s*\w?\d+\w*(?:\s*[-–—]\s*\w?\d+)?|\b(?:article|art\.)\s*(?:id|no\.?"
    r"|number)?:?\s*e?\d+"
    r"|\d+\s*\(\w{1,8}\)(?:\s*:\s*\w?\d+(?:[-–—]\w?\d+)?)?|\b\d+\s*:\s*e?\d+(?:\s*[-–—]\s*e?\d+)?"
    r"|\bearly\s?view\b|\b(?:epub\s+|online\s+)?ahead\s+of\s+(?:print|issue)\b"
    r"|\bjust\s+accepted\b|\bin\s+press\b"
    r"|\baccepted\s+(?:article|manuscript|author version)s?\b"
    r"|\b(?:first\s+)?published(?:\s+online|\s+on)?\b"
    r"|\bavailable\s+online\b|\blatest\s+articles?\b|\bvolume\s+\w+\b|\b(?:current"
    r"|this)\s+issue\b|\be?collection\b|\bepub\b"
    r"|\bonline\s+first\b|\bdoi\b:?|\b10\.\d{4,9}/\S+|\bpmid\b:?\s*\d*|\bpmc\d+"
    r"|\bissn\b:?\s*[\dX-]*|\b(?:19|20)\d\d\b"
    r"|第\s*\d+\s*[卷期巻号]|\d{4}年",
    re.IGNORECASE,
)
_MONTH_LIST = "|".join(
    sorted((w for w in MONTHS if w.isascii() and len(w) > 2), key=len, reverse=True)
)
_MONTH = re.compile(rf"\b(?:{_MONTH_LIST})\b\.?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Words that hold sentences together, and stand in no citation.
_SMALL_WORDS = """
    we our us this that these those is are was were be been being has have had do does did can
    could may might will would should must not but which who whose where when while if than then
    from by as it its their they he she you your his her here there how why what with without
    between into through during such more most least less also both each using used show shows
    found find study paper propose present
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_NAMES = "of the and in for on at de la und der die des et a an to journal"
_NAME_WORDS = frozenset(_NAMES.split())


def is_citation(line: str) -> bool:
    """Whether a line is a citation and no prose."""
    if not line or len(line) > CITATION_CHARS:
        return False
    rest, signs = _SIGNS.subn(" ", line)
    rest, months = _MONTH.subn(" ", rest)
    words = [word.casefold() for word in _WORD.findall(rest)]
    small = sum(word in _SMALL for word in words)
    plain = sum(word.islower() and word not in _NAME_WORDS for word in _WORD.findall(rest))
    if not signs or small > signs // 2:
        return False
    is_strong = signs + bool(months) >= 2 or len(words) <= 6
    return is_strong and plain <= max(2, len(words) // 3) and len(words) <= 25


# Names, a year, a journal, and pages at the end: "Ada Lunt and Bo Karr 2026 J. Phys. 1 2".
_REFERENCE = re.compile(r"[^.!?]{3,120}\b(?:19|20)\d\d\b[^!?]{3,60}\b[a-zA-Z]{0,2}\d+")


def drop_citation(line: str) -> tuple[str, str]:
    """A line without the citation that it begins with, and that citation."""
    if is_citation(line) or _is_reference(line):
        return "", line
    doi_end = _find_doi_end(line[:HEAD_CHARS])
    if doi_end and is_citation(line[:doi_end]):
        return line[doi_end:].lstrip(" .;,:-–—"), line[:doi_end]
    return _drop_sentences(line)


_DOI_END = re.compile(r"10\.\d{4,9}/[^\s,;]+[.,;]?(?=\s|$)")


def _find_doi_end(head: str) -> int:
    found = _DOI_END.search(head)
    return found.end() if found else 0


def _drop_sentences(line: str) -> tuple[str, str]:
    """Take sentences off while all of them together are a citation."""
    ends = [found.end() for found in re.finditer(r"[.;]\s+(?=[A-ZÀ-Þ\d\"“])", line[:HEAD_CHARS])]
    for end in reversed(ends):
        if is_citation(line[:end].strip()) and len(_SIGNS.findall(line[:end])) >= 2:
            return line[end:], line[:end]
    return line, ""


def find_cited_doi(citation: str) -> str:
    """The DOI that a citation gives as its own, or nothing: one that is only mentioned is none."""
    return find_doi(citation) if re.search(r"\bdoi\b", citation, re.IGNORECASE) else ""


def _is_reference(line: str) -> bool:
    if not _REFERENCE.fullmatch(line):
        return False
    words = _WORD.findall(line)
    return all(not word.islower() or word in _NAME_WORDS for word in words)
