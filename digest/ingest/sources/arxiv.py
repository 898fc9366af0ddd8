"""arXiv's lists in each shape it has served: RSS 2.0, Atom, the older RDF, and its query API.

Their text is plain, with TeX in it; only the RDF's is markup. arXiv can also go on serving
yesterday's list, for one category or for all: how fresh it is gets judged category by category.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from digest.identifiers import find_arxiv_number, find_doi
from digest.ingest.sources.feed import read_date, why_unreadable
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry, Unreadable
from digest.ingest.sources.sandbox import parse_in_child
from digest.ingest.text.clean import (
    ABSTRACT_CHARS,
    AUTHORS,
    CATEGORIES,
    CATEGORY_CHARS,
    NAME_CHARS,
    TITLE_CHARS,
    clean,
    cut_key,
    from_html,
    from_tex,
)

ANNOUNCE_TYPES = {"new", "cross", "replace", "replace-cross"}
# What arXiv puts before the abstract: "arXiv:2604.22002v1 Announce Type: new \nAbstract: …"
_HEAD = re.compile(
    r"\s*arXiv:(?P<number>\S+)\s+Announce Type:\s*(?P<type>[\w-]+)\s*(?:Abstract:\s*)?",
    re.IGNORECASE,
)
# The tail of the RDF's titles: "… (arXiv:1805.06430v2 [nucl-th] UPDATED)"
_TAIL = re.compile(r"\s*\(arXiv:(?P<number>\S+)\s+\[(?P<category>[\w.-]+)\](?P<flags>[^)]*)\)\s*$")
_VERSION = re.compile(r"v(\d+)$")


def parse(body: bytes, url: str, content_type: str = "") -> ParsedDocument:
    """Read one list; raises Unreadable when it is no feed, or a feed that tells of an error."""
    wire = parse_in_child(body, url, content_type)
    if reason := why_unreadable(body, wire) or _why_refused(wire):
        raise Unreadable(reason)
    stamp = None if "/api/" in url else read_date(wire["listed_at"])
    entries = [_entry(raw, stamp) for raw in wire["entries"]]
    read = {entry.guid: entry for entry in entries if entry}
    skipped = entries.count(None)
    return ParsedDocument(
        entries=tuple(read.values()),
        title=clean(wire["title"], 200),
        listed_on=_listed_on(stamp, read.values()),
        skipped=skipped,
        is_whole=wire["is_whole"],
        problem=_problem(wire["is_whole"], len(read), skipped),
    )


def _problem(is_whole: bool, read: int, skipped: int) -> str:
    words = []
    if not is_whole:
        words.append(f"The list was cut short; its first {read} entries were whole and are in.")
    if skipped:
        words.append(f"{skipped} entries had no arXiv number or no title, so they were left out.")
    return " ".join(words)


def _why_refused(wire: dict[str, Any]) -> str:
    """The query API tells of errors in a feed of one entry, with whatever status it likes."""
    entries = wire["entries"]
    if len(entries) == 1 and entries[0]["title"]["text"] == "Error":
        told = entries[0]
        if "/api/errors" in told["id"] + told["link"]:
            return f"arXiv answered with an error: {clean(told['summary']['text'], 150)}."
    return ""


def _listed_on(stamp: datetime | None, entries: Iterable[ParsedEntry]) -> date | None:
    """The day arXiv made the list for; an answer of the query API is as new as its entries."""
    dates = [entry.published_at for entry in entries if entry.published_at]
    return max([*dates, *([stamp] if stamp else [])]).date() if dates or stamp else None


def _entry(raw: dict[str, Any], stamp: datetime | None) -> ParsedEntry | None:
    head = _HEAD.match(raw["summary"]["text"])
    tail = _TAIL.search(raw["title"]["text"])
    number = find_arxiv_number(raw["id"]) or find_arxiv_number(raw["link"])
    title = from_tex(_TAIL.sub("", raw["title"]["text"]), TITLE_CHARS)
    if not number or not title:
        return None
    versioned = raw["id"] or (head or tail or {"number": raw["link"]})["number"]
    if tail:
        versioned = f"oai:arXiv.org:{tail['number']}"
    return ParsedEntry(
        guid=cut_key(versioned, 500),
        identifier=f"arxiv:{number}",
        title=title,
        url=f"https://arxiv.org/abs/{number}",
        abstract=_abstract(raw["summary"]["text"], head, is_markup=bool(tail)),
        authors=split_authors(raw["authors"], is_markup=bool(tail)),
        doi=find_doi(raw["arxiv_doi"] or raw["prism_doi"]),
        categories=_categories(raw, tail),
        announce_type=_announce_type(raw, head, tail, versioned),
        published_at=read_date(raw["published"]) or stamp,  # the RDF dates only the whole list
    )


def _abstract(text: str, head: re.Match[str] | None, *, is_markup: bool) -> str:
    if is_markup:
        return from_tex(from_html(text, ABSTRACT_CHARS * 2), ABSTRACT_CHARS)
    return from_tex(text[head.end() :] if head else text, ABSTRACT_CHARS)


def _categories(raw: dict[str, Any], tail: re.Match[str] | None) -> tuple[str, ...]:
    primary = raw["primary"] or (tail["category"] if tail else "")
    named = (clean(name, CATEGORY_CHARS) for name in (primary, *raw["tags"]))
    return tuple(dict.fromkeys(name for name in named if name))[:CATEGORIES]


def _announce_type(
    raw: dict[str, Any], head: re.Match[str] | None, tail: re.Match[str] | None, versioned: str
) -> str:
    said = (raw["arxiv_announce_type"] or (head["type"] if head else "")).strip().lower()
    if said in ANNOUNCE_TYPES:
        return said
    version = _VERSION.search(versioned)
    flags = tail["flags"].upper() if tail else ""
    is_replaced = "UPDATED" in flags or bool(version and int(version[1][:4]) > 1)
    if "CROSS" in flags:
        return "replace-cross" if is_replaced else "cross"
    return "replace" if is_replaced else "new"


# -- authors -----------------------------------------------------------------------------------

_IN_PARENTHESES = re.compile(r"\s*\([^()]*\)")
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|Ph\.?\s?D|M\.?\s?D)\.?", re.IGNORECASE)


def split_authors(names: Iterable[str], *, is_markup: bool = False) -> tuple[str, ...]:
    """Names out of arXiv's comma-joined creators, with TeX accents, links and affiliations.

    >>> split_authors([r"Ana Milovi\\'c, Sammy Davis, Jr., Deepti (STAR Collaboration)"])
    ('Ana Milović', 'Sammy Davis, Jr.', 'Deepti')
    """
    found: list[str] = []
    for joined in names:
        text = from_html(joined, 50_000) if is_markup else joined
        for _ in range(3):  # affiliations nest: (Institute (Paris))
            text = _IN_PARENTHESES.sub("", text)
        for name in (from_tex(part, NAME_CHARS) for part in text.split(",")):
            if found and _SUFFIX.fullmatch(name):
                found[-1] = f"{found[-1]}, {name}"
            elif name:
                found.append(name)
    return tuple(dict.fromkeys(found))[:AUTHORS]


# -- freshness -----------------------------------------------------------------------------------

_EASTERN = ZoneInfo("America/New_York")
# Lists are built at midnight Eastern; before three in the morning nobody should call one late.
_GRACE = timedelta(hours=3)

_CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")

Freshness = dict[str, dict[str, Any]]  # {category: {"listed_on": ISO date, "new": count}}


@dataclass(frozen=True)
class Verdict:
    """How fresh a source is, as its state and a sentence; nothing to say when all is well."""

    freshness: Freshness
    state: str = ""  # "", empty or stale
    sentence: str = ""


def categories_of(url: str) -> list[str]:
    """The categories a list's address asks for: …/rss/cs.CL+cs.LG; none for the query API."""
    path = unquote(urlsplit(url).path)
    names = re.split(r"[+\s]+", path.rstrip("/").rpartition("/")[2])
    return [name for name in names if "/api/" not in path and _CATEGORY.fullmatch(name)]


def expected_day(now: datetime) -> date:
    """The working day whose list should be out by now."""
    day = (now.astimezone(_EASTERN) - _GRACE).date()
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return day


def is_weekend(now: datetime) -> bool:
    return now.astimezone(_EASTERN).weekday() >= 5


def judge(
    known: Freshness,
    document: ParsedDocument | None,
    new_guids: frozenset[str],
    url: str,
    now: datetime,
) -> Verdict:
    """Judge a list by what was new in each category; `document` is None when nothing changed.

    A list that bears today's date but holds nothing we had not seen yet is yesterday's.
    """
    freshness = dict(known)
    if document is not None:
        freshness |= _renewed(known, document, new_guids, categories_of(url))
        if not document.entries and document.is_whole:
            return Verdict(freshness, "empty", _why_empty(now))
    elif is_weekend(now):
        return Verdict(freshness, "empty", _why_empty(now))
    late = _late(freshness, document, url, expected_day(now))
    if not late or is_weekend(now):
        return Verdict(freshness)
    return Verdict(freshness, "stale", _why_stale(late, len(freshness), expected_day(now)))


def _late(
    freshness: Freshness, document: ParsedDocument | None, url: str, expected: date
) -> dict[str, date]:
    """The categories whose list should have been renewed by now, and the day it is still of."""
    days = {name: date.fromisoformat(row["listed_on"]) for name, row in freshness.items()}
    late = {name: day for name, day in days.items() if day < expected}
    if document is None:
        # A small category may have had nothing for days; only all of them together tell.
        return late if len(late) == len(days) else {}
    present = _names_in(document, categories_of(url))
    return {name: day for name, day in late.items() if name in present}


def _renewed(
    known: Freshness, document: ParsedDocument, new_guids: frozenset[str], names: list[str]
) -> Freshness:
    """The categories in which the list held something new, and the day it is of.

    Counted are papers, not replacements; what comes later on one day is added.
    """
    counts: dict[str, int] = {}
    for entry in document.entries:
        if entry.guid in new_guids:
            for name in _asked_for(entry.categories, names):
                counts[name] = counts.get(name, 0) + (not entry.is_replacement)
    if not document.listed_on:
        return {}
    day = document.listed_on.isoformat()
    before = {name: row["new"] for name, row in known.items() if row["listed_on"] == day}
    return {
        name: {"listed_on": day, "new": count + before.get(name, 0)}
        for name, count in sorted(counts.items())
    }


def _names_in(document: ParsedDocument, names: list[str]) -> set[str]:
    return {name for entry in document.entries for name in _asked_for(entry.categories, names)}


def _asked_for(categories: Iterable[str], names: list[str]) -> set[str]:
    """Those of the asked-for names that an entry's categories fall under; `cs` means all of cs.*"""
    return {name for name in names for c in categories if c == name or c.startswith(f"{name}.")}


def _why_empty(now: datetime) -> str:
    if is_weekend(now):
        return "arXiv announces nothing on Saturdays and Sundays."
    return "arXiv's list is empty: a holiday, perhaps, or today's list is not out yet."


def _why_stale(late: dict[str, date], of: int, expected: date) -> str:
    newest = max(late.values())
    which = "arXiv's list" if len(late) >= of else f"The list of {', '.join(sorted(late))}"
    return (
        f"{which} is still that of {_spoken(newest)}; {_spoken(expected)} is not out "
        "(a holiday, or arXiv is late)."
    )


def _spoken(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
