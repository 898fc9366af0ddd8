"""Any RSS, RDF or Atom feed: a journal's, a lab's, a blog's. What lacks a title is left out."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin, urlsplit

from digest.identifiers import find_arxiv_number, find_doi, identify, name_within
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

GUID_CHARS = 500
URL_CHARS = 1000
MADE_TITLE_CHARS = 100
_OLDEST = datetime(1970, 1, 2, tzinfo=UTC)


def parse(body: bytes, url: str, content_type: str = "") -> ParsedDocument:
    """Read one feed; raises Unreadable when it is none."""
    wire = parse_in_child(body, url, content_type)
    if reason := why_unreadable(body, wire):
        raise Unreadable(reason)
    home = _link(wire["link"], url) or url
    entries = [_entry(named, url, home) for named in _named(wire["entries"], url, home)]
    read = {entry.guid: entry for entry in reversed(entries) if entry}
    skipped = entries.count(None)
    stamp = read_date(wire["listed_at"])
    return ParsedDocument(
        entries=tuple(reversed(read.values())),
        title=from_html(wire["title"], 200),
        listed_on=stamp.date() if stamp else None,
        skipped=skipped,
        is_whole=wire["is_whole"],
        problem=_problem(wire, len(read), skipped),
    )


def why_unreadable(body: bytes, wire: dict[str, Any]) -> str:
    """Why a document is no feed, in a sentence; nothing for one that is, even with faults."""
    if wire["version"] or wire["entries"]:
        return ""
    if not body.strip():
        return "The answer is empty where a feed should be."
    start = body[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<body" in start:
        return "A web page came instead of a feed; the feed's own address may have changed."
    if start.startswith((b"{", b"[")):
        return "JSON came where a feed in RSS or Atom should be."
    return "The answer is not a feed in RSS or Atom."


def _problem(wire: dict[str, Any], read: int, skipped: int) -> str:
    words = []
    if not wire["is_whole"]:
        words.append(f"The feed was cut short; its first {read} entries were whole and are in.")
    elif wire["trouble"]:
        words.append("Its XML has faults, but it could be read.")
    if skipped:
        words.append(f"{skipped} entries had neither title nor text, so they were left out.")
    return " ".join(words)


def read_date(seconds: int | None) -> datetime | None:
    """An aware moment from seconds since 1970; None for what no feed can mean."""
    if seconds is None:
        return None
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return moment if moment > _OLDEST else None  # a date of zero is a date not set


@dataclass(frozen=True)
class _Named:
    """A raw entry with its id in the feed, and its address where it has one of its own."""

    raw: dict[str, Any]
    guid: str
    link: str


def _named(raws: list[dict[str, Any]], url: str, home: str) -> list[_Named]:
    """Give each entry an id and an address of its own, or none, where several share one."""
    links: defaultdict[str, set[str]] = defaultdict(set)
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for raw in raws:
        links[raw["id"]].add(raw["link"])
        ids[raw["link"]].add(raw["id"])
    named = []
    for raw in raws:
        guid = _guid(raw, is_shared=len(links[raw["id"]]) > 1)
        link = _link(raw["link"], url) or _link(guid, url, must_be_whole=True)
        is_own = len(ids[raw["link"]]) == 1 and link.rstrip("/") != home.rstrip("/")
        named.append(_Named(raw, guid, link if is_own else ""))
    return named


def _guid(raw: dict[str, Any], *, is_shared: bool) -> str:
    guid: str = raw["id"].strip()
    if (not guid or is_shared) and raw["link"]:
        guid = raw["link"]
    if not guid:
        text = f"{raw['title']['text']}\n{raw['summary']['text'] or raw['content']['text']}"
        guid = sha256(text.encode(errors="replace")).hexdigest()[:32]
    return cut_key(guid, GUID_CHARS)


def _entry(named: _Named, url: str, home: str) -> ParsedEntry | None:
    raw = named.raw
    abstract = _plain(raw["summary"], ABSTRACT_CHARS) or _plain(raw["content"], ABSTRACT_CHARS)
    title = _plain(raw["title"], TITLE_CHARS) or clean(abstract, MADE_TITLE_CHARS)
    if not title:
        return None
    doi = _doi(raw)
    names = (raw[name] for name in _DOI_FIELDS)
    identifier = identify(named.link, raw["id"], *names, doi=doi)
    if identifier.startswith("url:") and not named.link:
        identifier = name_within(url, named.guid)
    return ParsedEntry(
        guid=named.guid,
        identifier=identifier,
        title=title,
        url=named.link or _link(raw["link"], url) or home,
        abstract=abstract,
        authors=_authors(raw),
        doi=doi,
        categories=_categories(raw),
        published_at=read_date(raw["published"]) or read_date(raw["updated"]),
    )


_DOI_FIELDS = ("prism_doi", "dc_identifier", "arxiv_doi", "doi", "citation_doi", "prism_url")


def _doi(raw: dict[str, Any]) -> str:
    found = (find_doi(raw[name]) for name in (*_DOI_FIELDS, "id", "link"))
    return next((doi for doi in found if doi and not find_arxiv_number(doi)), "")


def _plain(typed: dict[str, Any], limit: int) -> str:
    """The text of a field that says whether it is markup."""
    text: str = typed["text"]
    return from_html(text, limit) if typed["is_html"] else from_tex(text, limit)


def _link(link: str, url: str, *, must_be_whole: bool = False) -> str:
    """The link as an address on the web, or nothing."""
    link = clean(link, URL_CHARS * 4)
    try:
        whole = link if must_be_whole else urljoin(url, link)
        parts = urlsplit(whole)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return whole if link and usable and len(whole) <= URL_CHARS else ""


_AND = re.compile(r"\s+(?:and|&)\s+|\s*;\s*")
_MAIL = re.compile(r"\s*\(?\s*mailto:.*$|\s*[(<][^()<>]*@[^()<>]*[)>]")
_INITIALS = re.compile(r"(?:[A-ZÀ-ÖØ-Þ]\.?[\s-]?){1,4}")


def _authors(raw: dict[str, Any]) -> tuple[str, ...]:
    joined = (_MAIL.sub("", from_html(name, 20_000)) for name in raw["authors"])
    names = (name for several in joined for part in _AND.split(several) for name in _names(part))
    cleaned = (from_tex(name, NAME_CHARS) for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:AUTHORS]


def _names(text: str) -> list[str]:
    """Split "Kukla, D., Wood, E." and "Ann Doe, Ben Roe" into two names each, "Doe, Ann" not."""
    pieces = [piece.strip() for piece in text.split(",")]
    surnames, initials = pieces[0::2], pieces[1::2]
    if len(surnames) == len(initials) and all(map(_INITIALS.fullmatch, initials)):
        return [f"{first} {last}" for first, last in zip(initials, surnames, strict=True)]
    return pieces if all(" " in piece for piece in pieces if piece) else [text]


def _categories(raw: dict[str, Any]) -> tuple[str, ...]:
    named = (from_html(name, CATEGORY_CHARS) for name in raw["tags"])
    return tuple(dict.fromkeys(name for name in named if name))[:CATEGORIES]
