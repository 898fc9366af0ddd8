"""Look at what an address leads to before it is a source: its feed, its kind, its first papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from digest.ingest.poll import PARSERS
from digest.ingest.sources import huggingface
from digest.ingest.sources.addresses import tidy_url
from digest.ingest.sources.alternate_links import list_feed_links
from digest.ingest.sources.fetch import FetchedDocument, fetch_url
from digest.ingest.sources.fetch_errors import FetchError
from digest.ingest.sources.host_rate_limit import find_limited_host, hold_turn
from digest.ingest.sources.known_pages import find_category_list, find_known_page
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry, Unreadable
from digest.models import Source

SHOWN = 5
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")


class NotASource(Exception):
    """An address whose papers cannot be read; the message is a sentence."""


class Unreachable(Exception):
    """A host that did not answer, so that nothing is known; the message is a sentence."""


@dataclass(frozen=True)
class LookedAt:
    """Where the papers of an address are listed, as what kind, and the first of them."""

    url: str
    kind: str
    title: str
    count: int
    papers: tuple[ParsedEntry, ...]  # as they would be stored
    problem: str = ""  # what of it could not be read
    others: tuple[str, ...] = ()  # further feeds that the page names


def find_source_address(url: str, kind: str = "") -> tuple[str, str]:
    """Where a page's papers are listed and as what kind, as far as its address tells it.

    Raises NoList for a page that is known to list none.
    """
    if listed := find_category_list(url) if kind in ("", Source.Kind.ARXIV) else None:
        return listed.url, listed.kind
    url = tidy_url(url)
    if kind:
        return url, kind
    known = find_known_page(url)
    return (known.url, known.kind) if known else (url, Source.Kind.FEED)


def look_at_source(url: str, kind: str, now: datetime) -> LookedAt:
    """Fetch the list once, or through the page that names it; raises NotASource or Unreachable."""
    if kind == Source.Kind.HUGGINGFACE:
        return _look_at_days(url, now)
    fetched, others = _fetch_document(url), tuple[str, ...]()
    if kind == Source.Kind.FEED and _is_page(fetched):
        links = list_feed_links(fetched.body, fetched.moved_to or url)
        if not links:
            raise NotASource(
                _(
                    "%(url)s is a web page and names no feed. Look on it for a link called "
                    "RSS or Atom, and add that one's address."
                )
                % {"url": url}
            )
        url, others = tidy_url(links[0]), tuple(links[1:])
        known = find_known_page(url)
        kind = known.kind if known else kind
        fetched = _fetch_document(url)
    try:
        document = PARSERS[kind](fetched.body, url, fetched.content_type)
    except Unreadable as error:
        raise NotASource(
            _("%(url)s cannot be read. %(error)s") % {"url": url, "error": error}
        ) from error
    return _describe_document(url, kind, document, others)


def _look_at_days(url: str, now: datetime) -> LookedAt:
    """Hugging Face's newest list that has papers: weekends have none."""
    today = now.astimezone(UTC).date()
    document = ParsedDocument()
    for back in range(4):
        day = today - timedelta(days=back)
        try:
            document = huggingface.parse_document(
                _fetch_document(huggingface.make_day_url(url, day)).body, day
            )
        except Unreadable as error:
            raise NotASource(
                _("%(url)s cannot be read. %(error)s") % {"url": url, "error": error}
            ) from error
        if document.entries:
            break
    return _describe_document(url, Source.Kind.HUGGINGFACE, document, ())


def _describe_document(
    url: str, kind: str, document: ParsedDocument, others: tuple[str, ...]
) -> LookedAt:
    papers, count = document.entries[:SHOWN], len(document.entries)
    return LookedAt(url, kind, document.title, count, papers, document.problem, others)


def _fetch_document(url: str) -> FetchedDocument:
    try:
        with hold_turn(find_limited_host(url)):
            return fetch_url(url)
    except FetchError as error:
        said = _("%(url)s cannot be read. %(error)s") % {"url": url, "error": error}
        is_final = error.status is not None and error.status < 500 and error.status != 429
        if is_final or error.is_refused_address:
            raise NotASource(said) from error
        raise Unreachable(said) from error


def _is_page(fetched: FetchedDocument) -> bool:
    start = fetched.body[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(b"<?xml"):
        return b"<html" in start  # XHTML
    return start.startswith(_HTML) or (
        "html" in fetched.content_type and b"<rss" not in start and b"<feed" not in start
    )
