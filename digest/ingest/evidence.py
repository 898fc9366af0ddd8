"""Whether a paper and an entry of the same long title are one work: titles alone prove little.

Newsrooms share headlines, and one list uses a title again each week. So two publishers' entries
need an author in common, or the same text; and one publisher's need to be the same post, listed
under another address.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digest.identifiers import are_versions, fold_title, is_preprint, is_telling, may_be_one
from digest.ingest.people import share_an_author
from digest.ingest.sources.parsed import ParsedEntry
from digest.models import Paper

SAME_DAY = timedelta(days=1)
ALIKE = 0.6  # of the longer words that two texts use
UNLIKE = 0.25
LONG_WORD = 4
ENOUGH = 8  # longer words, for a text to prove by itself what it is


def is_same_paper(paper: Paper, entry: ParsedEntry, *, is_known_here: bool) -> bool:
    """Whether an entry of the paper's title speaks of it.

    `is_known_here`: its source spoke of the paper before.
    """
    if not may_be_one(entry.identifier, paper.identifier):
        return False
    is_shared = share_an_author(paper.authors, entry.authors)
    if is_known_here:
        # One source giving one title to two entries means two papers, but for a preprint and what
        # became of it (dblp and PubMed list both), and for versions with a number each (Zenodo).
        if are_versions(paper.identifier, entry.identifier):
            return not name_other_people(paper.authors, entry.authors)
        is_pair = is_preprint(paper.identifier) != is_preprint(entry.identifier)
        return is_pair and is_shared and not _is_address(paper.identifier, entry.identifier)
    if is_shared or name_other_people(paper.authors, entry.authors):
        return is_shared
    likeness = _compare_words(paper.abstract, entry.abstract)
    if paper.authors or entry.authors:
        # One of them names nobody: then one must be a scholarly work, and no text may deny it.
        is_scholarly = not _is_address(paper.identifier) or not _is_address(entry.identifier)
        return is_scholarly and (likeness is None or likeness > UNLIKE)
    return likeness is not None and likeness > ALIKE and len(_list_long(paper.abstract)) >= ENOUGH


def is_earlier_listing(paper: Paper, entry: ParsedEntry, listed_at: datetime) -> bool:
    """Whether a source's entry is one that it listed before under another address.

    `paper` is one that it no longer lists, of the same folded title; `listed_at` is the date that
    the source gave it then. The paper's own date and text may be those of another source.
    """
    if not is_telling(fold_title(entry.title)) or not may_be_one(
        entry.identifier, paper.identifier
    ):
        return False
    if bool(paper.authors) != bool(entry.authors) or name_other_people(
        paper.authors, entry.authors
    ):
        return False
    likeness = _compare_words(paper.abstract, entry.abstract)
    is_same_day = entry.published_at is None or abs(entry.published_at - listed_at) < SAME_DAY
    least = UNLIKE if entry.authors and is_same_day else ALIKE
    if likeness is not None and likeness <= least:
        return False
    if entry.has_id and not entry.authors and likeness is None:
        return False  # nothing but a headline says that the new id is not that of a new post
    if is_same_day:
        return True
    if entry.has_id:
        return False  # a list that is published again and again
    return likeness is not None or (bool(entry.authors) and _share_path(paper.url, entry.url))


def name_other_people(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists of authors, none of them empty, have nobody in common."""
    return bool(one) and bool(other) and not share_an_author(one, other)


def _is_address(*identifiers: str) -> bool:
    return any(identifier.startswith("url:") for identifier in identifiers)


def _share_path(url: str, other: str) -> bool:
    here, there = urlsplit(url), urlsplit(other)
    return (here.hostname, here.path) == (there.hostname, there.path)


def _compare_words(one: str, other: str) -> float | None:
    """Which share of the words of the shorter text the other has; None where there is no text."""
    here, there = _list_long(one), _list_long(other)
    shorter = min(len(here), len(there))
    return len(here & there) / shorter if shorter else None


def _list_long(text: str) -> set[str]:
    return {word for word in fold_title(text).split() if len(word) >= LONG_WORD}
