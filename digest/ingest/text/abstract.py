"""Which of an entry's texts is the abstract, and that text alone.

Feeds put a citation, a teaser, a cut abstract and the whole one into fields of any name. Each text
is stripped of what is no abstract (labels, citations, link words, the title and the authors over
again); of what is left the whole beats the cut, prose beats words, the longer the shorter, but a
short whole text beats an article. Where nothing is left there is no abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.identifiers import find_doi, fold_title
from digest.ingest.text.citations import drop_citation, find_cited_doi, is_citation
from digest.ingest.text.clean import ABSTRACT_CHARS, clean_tex, clean_text
from digest.ingest.text.labels import drop_closing, read_labels
from digest.ingest.text.markup import looks_like_markup, read_lines

ARTICLE_CHARS = 4000  # no abstract is longer; what is has been a post's whole text
_CUT = re.compile(
    r"\s*(?:\[(?:…|\.\.\.)\]|…|\.{3,}|\(more\)|\[more\]|\[&hellip;\])"
    r"\s*(?:read more|more|continue reading.*)?\s*[»→>]*\s*$",
    re.IGNORECASE,
)
_READ_ON = re.compile(r"\s*\b(?:read more|continue reading)\b.{0,60}$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？…:][\"”’)\]]*$")
_HEADING = re.compile(
    r"(?:background|objectives?|aims?|purpose|introduction|methods?|results?|conclusions?|context|importance"
    r"|motivation|significance|findings|discussion|design|setting|highlights|impact)\b.*",
    re.IGNORECASE,
)
_NAME = r"(?:[A-ZÀ-Þ][\w.'’-]*\s+)+(?:(?:v[ao]n|de[rnls]?|d[aiou]s?)\s+)*[A-ZÀ-Þ][\w.'’-]+"
_NAME_LIST = re.compile(rf"{_NAME}(?:(?:,\s*(?:and\s+)?|\s+and\s+){_NAME})*")
HEAD_CHARS = 120
_VOLUME = re.compile(r"\b(?:vol|volume|issue|pages?)\s\w?\d")
_CLOSING_DOI = re.compile(r"[.!?]\s+doi:\s*(10\.\d{4,9}/\S+?)\.?$", re.IGNORECASE)
_SAID = re.compile(r"\w")
_LABEL_ONLY = re.compile(r"^[\[(]?[\w\s&/-]{1,40}[\])]?$")


@dataclass(frozen=True)
class FoundAbstract:
    """An entry's abstract, and what its texts say besides."""

    text: str = ""
    authors: str = ""
    doi: str = ""
    date: str = ""


@dataclass(frozen=True)
class _Candidate:
    text: str
    is_labelled: bool
    is_cut: bool

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, int]:
        is_prose = count_words(self.text) >= 4
        is_article = len(self.text) > ARTICLE_CHARS
        return (is_prose, not self.is_cut, not is_article, self.is_labelled, len(self.text))


def find_abstract(
    texts: Iterable[tuple[str, bool]], title: str, names: Sequence[str] = (), journal: str = ""
) -> FoundAbstract:
    """The abstract among an entry's texts, each given with whether it says that it is markup."""
    known = {fold_title(text) for text in (title, journal, ", ".join(names), " ".join(names))}
    known -= {""}
    candidates: list[_Candidate] = []
    authors = doi = date = ""
    for text, is_html in texts:
        said = read_labels(split_lines(_join_name_lines(text), is_html=is_html))
        authors, doi, date = authors or said.authors, doi or said.doi, date or said.date
        said.lines, named = _drop_references(said.lines, title)
        authors = authors or named
        told = [line for line in said.lines if not _repeats(fold_title(line), title, known)]
        lines, cited = _drop_citations(told)
        doi = doi or next(filter(None, map(find_cited_doi, cited)), "")
        if lines and (ending := _CLOSING_DOI.search(lines[-1])):
            doi = doi or find_doi(ending[1])
        lines = [line for line in lines if not _repeats(fold_title(line), title, known)]
        if (cited or said.doi) and len(lines) > 1 and _NAME_LIST.fullmatch(lines[0]):
            authors = authors or lines[0]  # between the citation and the abstract
            lines = lines[1:]
        if candidate := _make_candidate(lines, title, is_labelled=said.is_labelled):
            candidates.append(candidate)
    best = max(candidates, key=lambda one: one.rank, default=None)
    return FoundAbstract(best.text if best else "", authors, doi, date)


_NAME_LINES = re.compile(r"\bauthors?(?:\(s\))?:(?:\s*\n\s*[^<>&\n]{2,60}){2,}", re.IGNORECASE)


def _join_name_lines(text: str) -> str:
    """Names that stand one below another behind "Authors:", with semicolons between them."""
    return _NAME_LINES.sub(lambda found: re.sub(r"(?<!:)\s*\n\s*", "; ", found[0]), text)


def _drop_references(lines: list[str], title: str) -> tuple[list[str], str]:
    """The lines without a reference to the paper itself, and the names that this begins with.

    "Ada Lunt, Bo Karr: On Roofs. J. Roofs 12(4): 1-9 (2026)", as bibliographies have it.
    """
    said, kept, names = title.rstrip(" ."), list[str](), ""
    for line in lines:
        head, found, tail = line.partition(said) if len(said) >= 10 else ("", "", "")
        head, tail = head.rstrip(" :."), tail.strip(" .")
        if found and _NAME_LIST.fullmatch(head) and (not tail or is_citation(tail)):
            names = names or head
        else:
            kept.append(line)
    return kept, names


def _repeats(folded: str, title: str, known: set[str]) -> bool:
    """Whether a line is the title, journal or authors over again, or pages and the title."""
    head = folded.removesuffix(f" {fold_title(title)}")
    return folded in known or (head != folded and bool(_VOLUME.search(head[:HEAD_CHARS])))


def _drop_citations(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines without the citations before and behind the prose, and these.

    A line within the prose stays: it may hold figures, as those of a trial do.
    """
    read = [drop_citation(line) for line in lines]
    prose = [number for number, (left, _) in enumerate(read) if left]
    if not prose:
        return [], [citation for _, citation in read]
    first, last = prose[0], prose[-1]
    head, tail = read[: first + 1], read[last + 1 :]
    kept = [read[first][0], *lines[first + 1 : last + 1]]
    return kept, [citation for _, citation in (*head, *tail) if citation]


def split_lines(text: str, *, is_html: bool) -> list[str]:
    """The lines of a text; where it does not say that it is markup, it is looked at."""
    if is_html or looks_like_markup(text):
        return read_lines(text)
    return [line for line in (" ".join(part.split()) for part in text.split("\n\n")) if line]


def count_words(text: str) -> int:
    """Words of a text; of a script without blanks, two signs count as one."""
    signs = sum("\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3" for sign in text)
    return len(text.split()) + signs // 2


def _make_candidate(lines: list[str], title: str, *, is_labelled: bool) -> _Candidate | None:
    lines = _drop_outer_labels(_drop_ornaments(lines))
    if lines and lines[0].startswith(title) and len(lines[0]) > len(title) + 40 and len(title) > 20:
        lines[0] = lines[0][len(title) :].lstrip(" .:—–-")
    text = drop_closing(" ".join(lines))
    text = clean_tex(text, ABSTRACT_CHARS)
    read_on = bool(_READ_ON.search(text))
    text = _READ_ON.sub("", text)
    is_cut = read_on or is_cut_text(text)
    if is_cut:
        text = f"{_CUT.sub('', text)}…" if _CUT.search(text) else text
    return _Candidate(text, is_labelled, is_cut) if _says_something(text) else None


def is_cut_text(text: str) -> bool:
    """Whether a text breaks off: it ends in dots, or in what leads to the rest."""
    return bool(_CUT.search(text))


def _drop_ornaments(lines: list[str]) -> list[str]:
    """Without lines before and behind that hold no word: rules, bullets and the like.

    Dots stay at the end: they say that the text breaks off.
    """
    while lines and not _SAID.search(lines[0]):
        lines = lines[1:]
    while lines and not _SAID.search(lines[-1]) and not _CUT.match(lines[-1]):
        lines = lines[:-1]
    return lines


def _drop_outer_labels(lines: list[str]) -> list[str]:
    """Without "Research Article" and the like before and behind the sentences."""
    if not any(_SENTENCE_END.search(line) for line in lines):
        return lines
    while len(lines) > 1 and _is_label(lines[0]):
        lines = lines[1:]
    while len(lines) > 1 and _is_label(lines[-1]):
        lines = lines[:-1]
    return list(lines)


def _is_label(line: str) -> bool:
    is_short = count_words(line) <= 5 and not _SENTENCE_END.search(line)
    return is_short and bool(_LABEL_ONLY.match(line)) and not _HEADING.match(line)


def _says_something(text: str) -> bool:
    """Whether there is a sentence, or words enough for one."""
    words = count_words(text)
    return words >= 6 or (words >= 2 and bool(_SENTENCE_END.search(text)))


def make_title(text: str, limit: int) -> str:
    """The first words of a text, for an entry without a title."""
    return clean_text(text, limit)
