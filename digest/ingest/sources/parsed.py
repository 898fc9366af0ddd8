"""What every source comes down to, whatever its wire shape: the classes that parsers return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


class Unreadable(Exception):
    """A document of which nothing could be read; the message is a sentence for an admin."""


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
    relations: tuple[str, ...] = ()  # identifiers of the same work elsewhere, as the source says
    version: int = 0  # of the text; 0 where the source does not say
    categories: tuple[str, ...] = ()  # the primary one first
    summary: str = ""
    code_url: str = ""
    code_stars: int | None = None
    announce_type: str = "new"  # new, cross, replace or replace-cross
    published_at: datetime | None = None  # the paper's own date; None where the source has none
    is_date_rough: bool = False  # of `published_at` only the year, or the month, was written
    # Whether the source gave it an id; else its `guid` is an address, which may change each time.
    has_id: bool = True
    listed_at: datetime | None = None  # when the source listed it, where that is another date
    upvotes: int | None = None  # None where the source does not count
    comments: int | None = None  # the source's floor already subtracted

    @property
    def mentioned_at(self) -> datetime | None:
        """When the source says it mentioned the paper."""
        return self.listed_at or self.published_at

    @property
    def is_replacement(self) -> bool:
        return self.announce_type.startswith("replace")


@dataclass(frozen=True)
class ParsedDocument:
    """One fetched document, read as far as it could be read."""

    entries: tuple[ParsedEntry, ...] = ()
    title: str = ""
    listed_on: date | None = None  # the day the list was made for, where it says so
    skipped: int = 0  # entries that could not be read
    is_whole: bool = True  # False: cut short, so its validators must not be kept
    problem: str = ""  # a sentence for the admin, where something was wrong
