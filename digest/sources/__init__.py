"""What every source comes down to, whatever its wire shape.

Foreign shapes end in the modules beside this one; past them there are only these two classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class ParsedEntry:
    """One mention of a paper: plain Unicode text, capped and cleaned, with aware dates."""

    guid: str
    identifier: str
    title: str
    url: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    organization: str = ""
    doi: str = ""
    categories: tuple[str, ...] = ()  # the primary one first
    summary: str = ""
    code_url: str = ""
    code_stars: int | None = None
    announce_type: str = "new"  # new, cross, replace or replace-cross
    published_at: datetime | None = None  # None where the source does not say
    upvotes: int | None = None  # None where the source does not count
    comments: int | None = None  # the source's floor already subtracted


@dataclass(frozen=True)
class ParsedDocument:
    """One fetched document, read as far as it could be read."""

    entries: tuple[ParsedEntry, ...] = ()
    title: str = ""
    listed_on: date | None = None  # the day the list was made for, where it says so
    skipped: int = 0  # entries that could not be read
    is_whole: bool = True  # False: cut short, so its validators must not be kept
    problem: str = ""  # a sentence for the admin, where something was wrong
