"""Which of two wordings of one paper is shown: title and abstract of one version, never a mixture.

A better wording takes the place of a worse one, whichever source brought it:

    an abstract      before none
    a whole one      before one that breaks off
    a clean one      before one with labels, citations or broken characters in it
    a newer version  before an older one, though it is shorter; the journal's is the newest
    a longer one     before a shorter one of the same version

A title that says that the paper was retracted stays, and takes the place of one that does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.identifiers import fold_title, is_preprint
from digest.ingest.sources.parsed import ParsedEntry
from digest.ingest.text.abstract import ARTICLE_CHARS, find_abstract, is_cut_text
from digest.ingest.text.markup import looks_like_markup
from digest.models import Paper

VERSION_OF_RECORD = 30_000  # above all versions of preprints
_LATEST = 1_000
# As publishers mark a paper's own title; the notice about it is a paper of its own.
_RETRACTED = re.compile(r"\W*(?:retracted|withdrawn)\b(?:\s+(?:article|paper))?\s*[:\])–—-]", re.I)


@dataclass(frozen=True)
class Wording:
    """A paper's title and abstract, and of which version they are: 0 where that is not known."""

    title: str
    abstract: str
    version: int = 0


def read_wording(entry: ParsedEntry, known_version: int = 0) -> Wording:
    """What an entry says; `known_version`: of the paper's text, which a replacement comes after."""
    version = min(entry.version, _LATEST)
    if entry.identifier.startswith("doi:") and not is_preprint(entry.identifier):
        version = VERSION_OF_RECORD
    elif entry.is_replacement and not version:
        version = min(known_version + 1, _LATEST)
    return Wording(entry.title, entry.abstract, version)


def choose_wording(paper: Paper, new: Wording) -> None:
    """Let the paper have the better of its own wording and the new one."""
    titles = (paper.title, new.title)
    _take_better(paper, new)
    if marked := next(filter(_RETRACTED.match, titles), ""):
        # What the paper is found by stays: its title without the mark.
        paper.title = paper.title if _RETRACTED.match(paper.title) else marked


def _take_better(paper: Paper, new: Wording) -> None:
    old = Wording(paper.title, paper.abstract, paper.text_version)
    if new == old or not _is_better(new, old):
        return
    # Of one version, a title differs only as sources shorten it or spell it.
    if new.version != old.version or _is_worse_title(old.title, new.title):
        paper.title, paper.folded_title = new.title, fold_title(new.title)
    paper.abstract, paper.text_version = new.abstract, new.version


def _is_worse_title(title: str, other: str) -> bool:
    """Whether a title is broken, or the beginning of the other one."""
    is_beginning = other.startswith(title.rstrip("… .")) and len(other) > len(title) + 5
    return is_beginning or title.endswith("…") or not _is_clean_title(title)


def _is_better(new: Wording, old: Wording) -> bool:
    if bool(new.abstract) != bool(old.abstract):
        return bool(new.abstract)
    is_same = (new.title, new.abstract) == (old.title, old.abstract)
    if not is_same:
        for is_good in (_is_whole, _is_clean):
            if is_good(new) != is_good(old):
                return is_good(new)
    if new.version != old.version:
        return new.version > old.version
    return len(new.abstract) > len(old.abstract)


def _is_whole(wording: Wording) -> bool:
    return not is_cut_text(wording.abstract) and len(wording.abstract) <= ARTICLE_CHARS


def _is_clean(wording: Wording) -> bool:
    """Whether nothing would be taken off the text if it came in today."""
    if "\ufffd" in wording.abstract or not _is_clean_title(wording.title):
        return False
    found = find_abstract([(wording.abstract, False)], wording.title).text
    return fold_title(found) == fold_title(wording.abstract)


def _is_clean_title(title: str) -> bool:
    return "\ufffd" not in title and not looks_like_markup(title)
