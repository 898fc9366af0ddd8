"""Any feed, in RSS, RDF, Atom or JSON: of a journal, a lab, a blog.

Entries without any text are left out, and so are those that bring the parser down; the document's
`problem` says how many of how many were read.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.identifiers import fold_title, identify, name_within
from digest.ingest.sources.dates import read_seconds
from digest.ingest.sources.feed_entry import IdentifiedEntry, parse_entry, read_link
from digest.ingest.sources.foreign_documents import name_document
from digest.ingest.sources.json_feed import read_json_feed
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry, Unreadable
from digest.ingest.sources.sandbox import parse_in_child
from digest.ingest.text.clean import clean_html, cut_key

log = logging.getLogger(__name__)
GUID_CHARS = 500
MANY_TITLES = 3  # under one DOI: it is not that of a paper


def parse_document(body: bytes, url: str, content_type: str = "") -> ParsedDocument:
    """Read one feed; raises Unreadable when it is none."""
    wire = read_json_feed(body) or parse_in_child(body, url, content_type)
    if reason := describe_unreadable(body, wire):
        raise Unreadable(reason)
    home, title = read_link(wire["link"], url) or url, clean_html(wire["title"], 200)
    raws = [raw for raw in wire["entries"] if raw is not None]
    entries = [
        _parse_safely(named, url, home, title) for named in _identify_entries(raws, url, home)
    ]
    parsed = _drop_shared_dois([entry for entry in entries if isinstance(entry, ParsedEntry)], url)
    read = {entry.guid: entry for entry in reversed(parsed)}
    broken = len(wire["entries"]) - len(raws) + entries.count("broken")
    skipped = broken + entries.count("empty")
    stamp = read_seconds(wire["listed_at"])
    return ParsedDocument(
        entries=tuple(reversed(read.values())),
        title=title,
        listed_on=stamp.date() if stamp else None,
        skipped=skipped,
        is_whole=wire["is_whole"],
        problem=_describe_problem(wire, len(read), entries.count("empty"), broken),
    )


def _parse_safely(named: IdentifiedEntry, url: str, home: str, journal: str) -> ParsedEntry | str:
    """The entry, or why it is none: an entry that cannot be read loses itself alone."""
    try:
        return parse_entry(named, url, home, journal) or "empty"
    except Exception:
        log.warning("An entry of %s cannot be read", url, exc_info=True)
        return "broken"


def _drop_shared_dois(entries: list[ParsedEntry], url: str) -> list[ParsedEntry]:
    """Without the DOIs that name a journal or an issue: many entries of other titles bear them."""
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        titles[entry.identifier].add(fold_title(entry.title))
    return [
        replace(entry, doi="", identifier=_name_by_address(entry, url))
        if entry.identifier.startswith("doi:") and len(titles[entry.identifier]) >= MANY_TITLES
        else entry
        for entry in entries
    ]


def _name_by_address(entry: ParsedEntry, url: str) -> str:
    named = identify(entry.url)
    return name_within(url, entry.guid) if named == entry.identifier else named


def describe_unreadable(body: bytes, wire: dict[str, Any]) -> str:
    """Why a document is no feed, in a sentence; "" for one that is, even with faults.

    feedparser's own `bozo` only warns: a feed with faults in its XML can be read all the same
    (https://feedparser.readthedocs.io/en/latest/bozo.html).
    """
    if wire["version"] or wire["entries"]:
        return ""
    if not body.strip():
        return _("The answer is empty where a feed should be.")
    start = body[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    is_page = b"<body" in start and b"<opml" not in start
    if start.startswith((b"<!doctype html", b"<html")) or is_page:
        return _("A web page came instead of a feed; the feed's own address may have changed.")
    if start.startswith((b"{", b"[")):
        return _("JSON came that is no JSON Feed, where a feed in RSS or Atom should be.")
    if named := name_document(body):
        return _("The answer is no feed in RSS, Atom or JSON, but %(named)s.") % {"named": named}
    return _("The answer is not a feed in RSS, Atom or JSON.")


def _describe_problem(wire: dict[str, Any], read: int, empty: int, broken: int) -> str:
    words = []
    if not wire["is_whole"]:
        words.append(
            ngettext(
                "The feed was cut short; %(read)s entry, its first, was whole and is in.",
                "The feed was cut short; its first %(read)s entries were whole and are in.",
                read,
            )
            % {"read": read}
        )
    elif wire["trouble"]:
        words.append(_("Its XML has faults, but it could be read."))
    count, reasons = len(wire["entries"]), []
    if empty:
        reasons.append(_("%(count)s had neither title nor text") % {"count": empty})
    if broken:
        reasons.append(_("%(count)s could not be understood") % {"count": broken})
    if reasons:
        words.append(
            _("%(read)s of %(count)s entries were read; %(reasons)s.")
            % {"read": count - empty - broken, "count": count, "reasons": ", ".join(reasons)}
        )
    return " ".join(words)


def _identify_entries(raws: list[dict[str, Any]], url: str, home: str) -> list[IdentifiedEntry]:
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
        link = read_link(raw["link"], url) or read_link(guid, url, must_be_whole=True)
        is_own = len(ids[raw["link"]]) == 1 and link.rstrip("/") != home.rstrip("/")
        identified.append(IdentifiedEntry(raw, guid, link if is_own else ""))
    return identified


def _find_guid(raw: dict[str, Any], *, is_shared: bool) -> str:
    guid: str = raw["id"].strip()
    if (not guid or is_shared) and raw["link"]:
        guid = raw["link"]
    if not guid:
        first = next((content["text"] for content in raw["contents"]), "")
        text = f"{raw['title']['text']}\n{raw['summary']['text'] or first}"
        guid = sha256(text.encode(errors="replace")).hexdigest()[:32]
    return cut_key(guid, GUID_CHARS)
