"""The child process: a feed's bytes on stdin, its entries as JSON on stdout, then gone.

feedparser can be made to work for a minute, or to fill the memory, by half a megabyte of malice,
so it runs here, under limits this process sets on itself. It is handed bytes only: given a text it
would open files and addresses, as its own docstring warns. Nothing of Django is imported: a start
costs a tenth of a second.
"""

from __future__ import annotations

import calendar
import gc
import io
import json
import re
import resource
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Any

import feedparser

# An id names an entry and leads nowhere; feedparser would make an address out of "e1".
feedparser.mixin._FeedParserMixin.can_be_relative_uri.discard("id")
# It asks at every element what the address of the document is: two thousand entries, 22,000 times.
feedparser.mixin.make_safe_absolute_uri = lru_cache(1024)(feedparser.mixin.make_safe_absolute_uri)

CPU_SECONDS = 8
MEMORY_BYTES = 1_000_000_000
ENTRIES = 5000
FIELD_CHARS = 50_000
NAMES = 400
OUT_OF_MEMORY = 3  # this process's exit code

_ENTRY_FIELDS = [
    *("id", "link", "author", "arxiv_announce_type"),
    *("arxiv_doi", "prism_doi", "dc_identifier", "doi", "citation_doi", "prism_url"),
]
_FEED_FIELDS = ("title", "link")


def read_feed(body: bytes, url: str, content_type: str) -> dict[str, Any]:
    """The document as plain data: {version, is_whole, title, link, listed_at, entries: [...]}."""
    whole, is_whole = drop_cut_entry(body)
    headers = {"content-location": url, "content-type": _keep_charset(content_type)}
    parsed = feedparser.parse(
        io.BytesIO(whole),
        response_headers=headers,
        # Both rewrite text that only looks like markup: `0<x<1` would lose its tail.
        # https://feedparser.readthedocs.io/en/latest/advanced.html
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    feed = parsed.feed
    return {
        "version": parsed.get("version", ""),  # there is none for no bytes at all
        "is_whole": is_whole,
        "trouble": str(parsed.get("bozo_exception") or "")[:200] if parsed.bozo else "",
        "listed_at": _read_seconds(feed, "published") or _read_seconds(feed, "updated"),
        **{name: _cap_text(feed.get(name)) for name in _FEED_FIELDS},
        "entries": [_dump_entry(entry) for entry in parsed.entries[:ENTRIES]],
    }


def _keep_charset(content_type: str) -> str:
    """Only the charset is believed; without one the document speaks for itself."""
    found = re.search(r"charset=([\w.:-]+)", content_type)
    return f"application/xml; charset={found[1]}" if found else "application/xml"


def _dump_entry(entry: Any) -> dict[str, Any]:
    content = entry.get("content") or [{}]
    authors = entry.get("authors") or []
    tags = entry.get("tags") or []
    primary = entry.get("arxiv_primary_category") or {}
    return {
        **{name: _cap_text(entry.get(name)) for name in _ENTRY_FIELDS},
        "title": _dump_typed_text(entry.get("title_detail")),
        "summary": _dump_typed_text(entry.get("summary_detail")),
        "content": _dump_typed_text(content[0]),
        "authors": [_cap_text(author.get("name")) for author in authors[:NAMES]],
        "tags": [_cap_text(tag.get("term") or tag.get("label")) for tag in tags[:NAMES]],
        "primary": _cap_text(primary.get("term")) if isinstance(primary, dict) else "",
        "links": [_cap_text(link.get("href")) for link in (entry.get("links") or [])[:10]],
        "published": _read_seconds(entry, "published"),
        "updated": _read_seconds(entry, "updated"),
    }


def _cap_text(value: Any) -> str:
    return value[:FIELD_CHARS] if isinstance(value, str) else ""


def _dump_typed_text(detail: Any) -> dict[str, Any]:
    """A text, and whether it is markup."""
    if not isinstance(detail, dict):
        return {"text": "", "is_html": False}
    is_html = detail.get("type") in ("text/html", "application/xhtml+xml")
    return {"text": _cap_text(detail.get("value")), "is_html": is_html}


def _read_seconds(holder: Any, name: str) -> int | None:
    """Seconds since 1970, in UTC."""
    # Not get(): feedparser would answer for a missing `updated` with `published`.
    parsed = dict.get(holder, f"{name}_parsed")
    if not parsed:
        return None
    with suppress(ValueError, OverflowError, TypeError):
        return calendar.timegm(parsed)
    return None


_ROOT = re.compile(rb"<(?!\?|!)((?:[\w.-]+:)?[\w.-]+)")
_ENTRY_OPENED = re.compile(rb"<((?:[\w.-]+:)?(?:item|entry))[\s>]")
_ENTRY_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>")


def drop_cut_entry(body: bytes) -> tuple[bytes, bool]:
    """The document, closed properly after its last whole entry; and whether it was whole.

    feedparser would make an entry of the half one too, with an abstract that ends in mid-word.
    """
    root = _ROOT.search(body)
    if not root or root[1].lower().rpartition(b":")[2] not in (b"rss", b"feed", b"rdf"):
        return body, True
    if body.rfind(b"</" + root[1]) > 0:
        return body, True
    is_rss = root[1].lower() == b"rss"
    closing = b"</channel></rss>" if is_rss else b"</" + root[1] + b">"
    return body[: _find_whole_end(body)] + closing, False


def _find_whole_end(body: bytes) -> int:
    ends = [closed.end() for closed in _ENTRY_CLOSED.finditer(body)]
    opened = _ENTRY_OPENED.search(body)
    return ends[-1] if ends else opened.start() if opened else len(body)


def limit_self(cpu_seconds: int, memory_bytes: int) -> None:
    """Let the system end this process when it takes more; else the parent's clock does."""
    for kind, most in ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_AS, memory_bytes)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def main() -> int:
    """Read the order on stdin's first line, the document after it; see sandbox.parse_in_child."""
    order = json.loads(sys.stdin.buffer.readline())
    limit_self(order["cpu_seconds"], order["memory_bytes"])
    gc.disable()  # this process ends soon; looking for garbage would take a fifth of its time
    try:
        document = read_feed(sys.stdin.buffer.read(), order["url"], order["content_type"])
        sys.stdout.write(json.dumps(document))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
