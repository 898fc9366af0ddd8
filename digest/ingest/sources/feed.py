"""Any RSS, RDF or Atom feed: of a journal, a lab, a blog. Entries without any text are left out."""

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
    clean_html,
    clean_tex,
    clean_text,
    cut_key,
)

GUID_CHARS = 500
URL_CHARS = 1000
MADE_TITLE_CHARS = 100
_OLDEST = datetime(1970, 1, 2, tzinfo=UTC)


def parse_document(body: bytes, url: str, content_type: str = "") -> ParsedDocument:
    """Read one feed; raises Unreadable when it is none."""
    wire = parse_in_child(body, url, content_type)
    if reason := describe_unreadable(body, wire):
        raise Unreadable(reason)
    home = _read_link(wire["link"], url) or url
    entries = [
        _parse_entry(named, url, home) for named in _identify_entries(wire["entries"], url, home)
    ]
    read = {entry.guid: entry for entry in reversed(entries) if entry}
    skipped = entries.count(None)
    stamp = read_date(wire["listed_at"])
    return ParsedDocument(
        entries=tuple(reversed(read.values())),
        title=clean_html(wire["title"], 200),
        listed_on=stamp.date() if stamp else None,
        skipped=skipped,
        is_whole=wire["is_whole"],
        problem=_describe_problem(wire, len(read), skipped),
    )


def describe_unreadable(body: bytes, wire: dict[str, Any]) -> str:
    """Why a document is no feed, in a sentence; "" for one that is, even with faults.

    feedparser's own `bozo` only warns: a feed with faults in its XML can be read all the same
    (https://feedparser.readthedocs.io/en/latest/bozo.html).
    """
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


def _describe_problem(wire: dict[str, Any], read: int, skipped: int) -> str:
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
class _IdentifiedEntry:
    """A raw entry with its id in the feed, and its address, "" where it has none of its own."""

    raw: dict[str, Any]
    guid: str
    link: str


def _identify_entries(raws: list[dict[str, Any]], url: str, home: str) -> list[_IdentifiedEntry]:
    """Give each entry an id and an address of its own; feeds repeat ids, and many have none.

    Where several entries share an id their addresses tell them apart, and the reverse.
    """
    links: defaultdict[str, set[str]] = defaultdict(set)
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for raw in raws:
        links[raw["id"]].add(raw["link"])
        ids[raw["link"]].add(raw["id"])
    identified = []
    for raw in raws:
        guid = _find_guid(raw, is_shared=len(links[raw["id"]]) > 1)
        link = _read_link(raw["link"], url) or _read_link(guid, url, must_be_whole=True)
        is_own = len(ids[raw["link"]]) == 1 and link.rstrip("/") != home.rstrip("/")
        identified.append(_IdentifiedEntry(raw, guid, link if is_own else ""))
    return identified


def _find_guid(raw: dict[str, Any], *, is_shared: bool) -> str:
    guid: str = raw["id"].strip()
    if (not guid or is_shared) and raw["link"]:
        guid = raw["link"]
    if not guid:
        text = f"{raw['title']['text']}\n{raw['summary']['text'] or raw['content']['text']}"
        guid = sha256(text.encode(errors="replace")).hexdigest()[:32]
    return cut_key(guid, GUID_CHARS)


def _parse_entry(identified: _IdentifiedEntry, url: str, home: str) -> ParsedEntry | None:
    raw = identified.raw
    texts = (_read_plain_text(raw[name], ABSTRACT_CHARS) for name in ("summary", "content"))
    abstract = next(filter(None, texts), "")
    title = _read_plain_text(raw["title"], TITLE_CHARS) or clean_text(abstract, MADE_TITLE_CHARS)
    if not title:
        return None
    doi = _find_entry_doi(raw)
    names = (raw[name] for name in _DOI_FIELDS)
    identifier = identify(identified.link, raw["id"], *names, doi=doi)
    if identifier.startswith("url:") and not identified.link:
        identifier = name_within(url, identified.guid)
    return ParsedEntry(
        guid=identified.guid,
        identifier=identifier,
        title=title,
        url=identified.link or _read_link(raw["link"], url) or home,
        abstract=abstract,
        authors=_list_authors(raw),
        doi=doi,
        categories=_list_categories(raw),
        published_at=read_date(raw["published"]) or read_date(raw["updated"]),
    )


_DOI_FIELDS = ("prism_doi", "dc_identifier", "arxiv_doi", "doi", "citation_doi", "prism_url")


def _find_entry_doi(raw: dict[str, Any]) -> str:
    found = (find_doi(raw[name]) for name in (*_DOI_FIELDS, "id", "link"))
    return next((doi for doi in found if doi and not find_arxiv_number(doi)), "")


def _read_plain_text(typed: dict[str, Any], limit: int) -> str:
    """The text of a field that says whether it is markup."""
    text: str = typed["text"]
    return clean_html(text, limit) if typed["is_html"] else clean_tex(text, limit)


def _read_link(link: str, url: str, *, must_be_whole: bool = False) -> str:
    """The link as an address on the web, or nothing."""
    link = clean_text(link, URL_CHARS * 4)
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


def _list_authors(raw: dict[str, Any]) -> tuple[str, ...]:
    joined = (_MAIL.sub("", clean_html(name, 20_000)) for name in raw["authors"])
    names = (
        name for several in joined for part in _AND.split(several) for name in _split_names(part)
    )
    cleaned = (clean_tex(name, NAME_CHARS) for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:AUTHORS]


def _split_names(text: str) -> list[str]:
    """Split "Kukla, D., Wood, E." and "Ann Doe, Ben Roe" into two names each, "Doe, Ann" not."""
    pieces = [piece.strip() for piece in text.split(",")]
    surnames, initials = pieces[0::2], pieces[1::2]
    if len(surnames) == len(initials) and all(map(_INITIALS.fullmatch, initials)):
        return [f"{first} {last}" for first, last in zip(initials, surnames, strict=True)]
    return pieces if all(" " in piece for piece in pieces if piece) else [text]


def _list_categories(raw: dict[str, Any]) -> tuple[str, ...]:
    named = (clean_html(name, CATEGORY_CHARS) for name in raw["tags"])
    return tuple(dict.fromkeys(name for name in named if name))[:CATEGORIES]
