"""arXiv's lists in each shape it has served: RSS 2.0, Atom, the older RDF, and its query API.

Their text is plain, with TeX in it; only the RDF's is markup. What the elements of today's feeds
mean: https://info.arxiv.org/help/rss_specifications.html; of the query API's:
https://info.arxiv.org/help/api/user-manual.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.identifiers import find_arxiv_number, find_doi
from digest.identifiers.arxiv_numbers import find_arxiv_version
from digest.ingest.sources.dates import read_seconds
from digest.ingest.sources.feed import describe_unreadable
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry, Unreadable
from digest.ingest.sources.sandbox import parse_in_child
from digest.ingest.text.clean import (
    ABSTRACT_CHARS,
    AUTHORS,
    CATEGORIES,
    CATEGORY_CHARS,
    NAME_CHARS,
    TITLE_CHARS,
    clean_html,
    clean_tex,
    clean_text,
    cut_key,
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


def parse_document(body: bytes, url: str, content_type: str = "") -> ParsedDocument:
    """Read one list; raises Unreadable when it is no feed, or a feed that tells of an error."""
    wire = parse_in_child(body, url, content_type)
    if reason := describe_unreadable(body, wire) or _describe_refusal(wire):
        raise Unreadable(reason)
    stamp = None if "/api/" in url else read_seconds(wire["listed_at"])
    entries = [_parse_entry(raw, stamp) if raw else None for raw in wire["entries"]]
    read = {entry.guid: entry for entry in entries if entry}
    skipped = entries.count(None)
    return ParsedDocument(
        entries=tuple(read.values()),
        title=clean_text(wire["title"], 200),
        listed_on=_find_list_day(stamp, read.values()),
        skipped=skipped,
        is_whole=wire["is_whole"],
        problem=_describe_problem(wire["is_whole"], len(read), skipped),
    )


def _describe_problem(is_whole: bool, read: int, skipped: int) -> str:
    words = []
    if not is_whole:
        words.append(
            ngettext(
                "The list was cut short; %(read)s entry, its first, was whole and is in.",
                "The list was cut short; its first %(read)s entries were whole and are in.",
                read,
            )
            % {"read": read}
        )
    if skipped:
        words.append(
            ngettext(
                "%(skipped)s entry had no arXiv number or no title, so it was left out.",
                "%(skipped)s entries had no arXiv number or no title, so they were left out.",
                skipped,
            )
            % {"skipped": skipped}
        )
    return " ".join(words)


def _describe_refusal(wire: dict[str, Any]) -> str:
    """The error that the query API tells of in a feed of one entry, whatever its HTTP status.

    Section 3.4 of https://info.arxiv.org/help/api/user-manual.html. A paper may be titled "Error"
    too, so its id must be one of an error.
    """
    entries = wire["entries"]
    if len(entries) == 1 and entries[0] and entries[0]["title"]["text"] == "Error":
        entry = entries[0]
        if "/api/errors" in entry["id"] + entry["link"]:
            return _("arXiv answered with an error: %(said)s.") % {
                "said": clean_text(entry["summary"]["text"], 150)
            }
    return ""


def _find_list_day(stamp: datetime | None, entries: Iterable[ParsedEntry]) -> date | None:
    """The day arXiv made the list for; an answer of the query API is as new as its entries."""
    dates = [entry.published_at for entry in entries if entry.published_at]
    return max([*dates, *([stamp] if stamp else [])]).date() if dates or stamp else None


def _parse_entry(raw: dict[str, Any], stamp: datetime | None) -> ParsedEntry | None:
    head = _HEAD.match(raw["summary"]["text"])
    tail = _TAIL.search(raw["title"]["text"])
    number = find_arxiv_number(raw["id"]) or find_arxiv_number(raw["link"])
    title = clean_tex(_TAIL.sub("", raw["title"]["text"]), TITLE_CHARS)
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
        abstract=_parse_abstract(raw["summary"]["text"], head, is_markup=bool(tail)),
        authors=split_authors(raw["authors"], is_markup=bool(tail)),
        doi=find_doi(_read_own(raw, "arxiv_doi") or _read_own(raw, "prism_doi")),
        categories=_list_categories(raw, tail),
        announce_type=_find_announce_type(raw, head, tail, versioned),
        version=find_arxiv_version(versioned),
        published_at=read_seconds(raw["published"]) or stamp,  # the RDF dates only the whole list
    )


def _read_own(raw: dict[str, Any], name: str) -> str:
    """What stands in an element of arXiv's own, or in its attribute."""
    return next(iter(raw["own"].get(name, ())), "")


def _parse_abstract(text: str, head: re.Match[str] | None, *, is_markup: bool) -> str:
    if is_markup:
        return clean_tex(clean_html(text, ABSTRACT_CHARS * 2), ABSTRACT_CHARS)
    return clean_tex(text[head.end() :] if head else text, ABSTRACT_CHARS)


def _list_categories(raw: dict[str, Any], tail: re.Match[str] | None) -> tuple[str, ...]:
    primary = _read_own(raw, "arxiv_primary_category") or (tail["category"] if tail else "")
    named = (clean_text(name, CATEGORY_CHARS) for name in (primary, *raw["tags"]))
    return tuple(dict.fromkeys(name for name in named if name))[:CATEGORIES]


def _find_announce_type(
    raw: dict[str, Any], head: re.Match[str] | None, tail: re.Match[str] | None, versioned: str
) -> str:
    named = (
        (_read_own(raw, "arxiv_announce_type") or (head["type"] if head else "")).strip().lower()
    )
    if named in ANNOUNCE_TYPES:
        return named
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
    authors: list[str] = []
    for joined in names:
        text = clean_html(joined, 50_000) if is_markup else joined
        for _unused in range(3):  # affiliations nest: (Institute (Paris))
            text = _IN_PARENTHESES.sub("", text)
        for name in (clean_tex(part, NAME_CHARS) for part in text.split(",")):
            if authors and _SUFFIX.fullmatch(name):
                authors[-1] = f"{authors[-1]}, {name}"
            elif name:
                authors.append(name)
    return tuple(dict.fromkeys(authors))[:AUTHORS]
