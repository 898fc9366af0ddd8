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
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
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
NAMED_VALUES = 20  # of one of a publisher's own elements
OWN_CHARS = 100_000  # in all of an entry's own elements

_ENTRY_FIELDS = ("id", "link", "author")
_FEED_FIELDS = ("title", "link")
_OWN = "own_"


class _KeepsOwnElements(feedparser.mixin._FeedParserMixin):  # type: ignore[misc]
    """A publisher's own elements, kept under names that no key of feedparser's has.

    feedparser stores what it does not know under the element's name: an `<authors>` or `<links>`
    of the publisher's would take the place of the list that it keeps there itself.
    """

    def __getattr__(self, name: str) -> Any:
        for start in ("_start_", "_end_"):
            if name.startswith(start):
                element = _OWN + name.removeprefix(start)
                return partial(self._open_own if start == "_start_" else self._close_own, element)
        raise AttributeError(name)

    def _open_own(self, element: str, attributes: dict[str, str]) -> None:
        self.push(element, 1)
        named = (
            attributes.get(name) for name in ("rdf:resource", "resource", "href", "term", "name")
        )
        self._own_attribute = next(filter(None, named), "")

    def _close_own(self, element: str) -> None:
        value = self.pop(element) or self._own_attribute
        self._own_attribute = ""
        if value and self.inentry and not self.insource and self.entries:
            said = self.entries[-1].setdefault(_OWN, [])
            said.append((element.removeprefix(_OWN), value))

    _own_attribute = ""


def _is_in_entry(parser: Any) -> bool:
    return bool(parser.inentry and not parser.insource)


def _is_in_own(parser: Any) -> bool:
    """Whether the parser is within an element of the publisher's."""
    return bool(parser.elementstack) and parser.elementstack[-1][0].startswith(_OWN)


def _keep_apart(name: str, is_apart: Callable[[Any], bool]) -> None:
    """Let the parser treat this element as one that it does not know, where `is_apart` says so."""
    known = {part: getattr(_KeepsOwnElements, f"_{part}_{name}") for part in ("start", "end")}

    def open_element(self: Any, attributes: dict[str, str]) -> Any:
        if is_apart(self):
            return self._open_own(_OWN + name, attributes)
        return known["start"](self, attributes)

    def close_element(self: Any) -> Any:
        return self._close_own(_OWN + name) if is_apart(self) else known["end"](self)

    setattr(_KeepsOwnElements, f"_start_{name}", open_element)
    setattr(_KeepsOwnElements, f"_end_{name}", close_element)


# feedparser lets these overwrite the title, or the summary, that stands beside them.
for _name in ("dc_title", "dc_description"):
    _keep_apart(_name, _is_in_entry)
# <links><link>, and what else a publisher's element holds, is not the entry's own.
for _name in ("link", "guid", "id"):
    _keep_apart(_name, _is_in_own)
for _class in ("LooseFeedParser", "StrictFeedParser"):
    _parser = getattr(feedparser.api, _class)
    setattr(
        feedparser.api,
        _class,
        type(_class, (_parser.__bases__[0], _KeepsOwnElements, *_parser.__bases__[2:]), {}),
    )


def read_feed(body: bytes, url: str) -> dict[str, Any]:
    """The document as plain data: {version, is_whole, title, link, listed_at, entries: [...]}.

    `body` is in UTF-8, or says itself in what else. Where the parser falls over the document as a
    whole, its entries are read one at a time, and only those are lost that bring it down again.
    """
    whole, is_whole = drop_cut_entry(escape_lone_ampersands(body))
    try:
        parsed = _parse(whole, url)
        entries = parsed.entries[:ENTRIES]
    except (MemoryError, RecursionError):
        raise
    except Exception:  # whatever a document does to the parser
        parsed, entries = _parse_one_by_one(whole, url)
    feed = parsed.feed
    return {
        "version": parsed.get("version", ""),  # there is none for no bytes at all
        "is_whole": is_whole,
        "trouble": str(parsed.get("bozo_exception") or "")[:200] if parsed.bozo else "",
        "listed_at": _read_seconds(feed, "published") or _read_seconds(feed, "updated"),
        **{name: _cap_text(feed.get(name)) for name in _FEED_FIELDS},
        "entries": [_dump_safely(entry) for entry in entries],
    }


def _parse(body: bytes, url: str) -> Any:
    return feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-location": url, "content-type": "application/xml"},
        # Both rewrite text that only looks like markup: `0<x<1` would lose its tail.
        # https://feedparser.readthedocs.io/en/latest/advanced.html
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _parse_one_by_one(body: bytes, url: str) -> tuple[Any, list[Any]]:
    """The feed without entries, and each entry read alone; None for one that cannot be."""
    opened = [found.start() for found in _ENTRY_OPENED.finditer(body)][:ENTRIES]
    head, tail = body[: opened[0]] if opened else body, _close_root(body)
    entries: list[Any] = []
    for start, end in zip(opened, [*opened[1:], len(body)], strict=True):
        closed = _ENTRY_CLOSED.search(body, start, end)
        try:
            entries += _parse(head + body[start : closed.end() if closed else end] + tail, url)[
                "entries"
            ]
        except Exception:  # this one alone
            entries.append(None)
    return _parse(head + tail, url), entries


def _dump_safely(entry: Any) -> dict[str, Any] | None:
    """An entry as plain data; None for one that cannot be read, so that the others can."""
    try:
        return None if entry is None else _dump_entry(entry)
    except Exception:  # whatever the parser made of it
        return None


def _dump_entry(entry: Any) -> dict[str, Any]:
    contents = entry.get("content") or []
    own = _dump_own(entry.get(_OWN) or [])
    return {
        **{name: _cap_text(entry.get(name)) for name in _ENTRY_FIELDS},
        "title": _dump_typed_text(entry.get("title_detail")),
        "summary": _dump_typed_text(entry.get("summary_detail")),
        "contents": [_dump_typed_text(content) for content in contents[:5]],
        "authors": _list_values(entry.get("authors"), "name"),
        "tags": _list_values(entry.get("tags"), "term", "label"),
        "links": _list_values(entry.get("links"), "href")[:10],
        "published": _read_seconds(entry, "published"),
        "updated": _read_seconds(entry, "updated"),
        "published_text": _cap_text(dict.get(entry, "published"))[:100],
        "updated_text": _cap_text(dict.get(entry, "updated"))[:100],
        "own": own,
    }


def _dump_own(said: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The publisher's own elements: name in small letters -> what stood in each of them."""
    own: dict[str, list[str]] = {}
    left = OWN_CHARS
    for name, value in said:
        values = own.setdefault(name[:60].lower(), [])
        if len(values) < (NAMES if "creator" in name or "author" in name else NAMED_VALUES):
            values.append(_cap_text(value)[: max(left, 0)])
            left -= len(values[-1])
    return own


def _list_values(rows: Any, *names: str) -> list[str]:
    """The first of these keys that each row has; what is no list of rows is none."""
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [_cap_text(next(filter(None, map(row.get, names)), "")) for row in rows[:NAMES]]


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


_CDATA = re.compile(rb"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_LONE_AMPERSAND = re.compile(rb"&(?!(?:[a-zA-Z]\w{1,31}|#\d{1,7}|#[xX][\da-fA-F]{1,6});)")


def escape_lone_ampersands(body: bytes) -> bytes:
    """The document with `Q&A` written as XML wants it; feedparser would make `Q&A;` of it."""
    if b"&" not in body:
        return body
    parts = _CDATA.split(body)
    parts[0::2] = [_LONE_AMPERSAND.sub(b"&amp;", part) for part in parts[0::2]]
    return b"".join(parts)


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
    return body[: _find_whole_end(body)] + _close_root(body), False


def _close_root(body: bytes) -> bytes:
    root = _ROOT.search(body)
    if not root:
        return b""
    return b"</channel></rss>" if root[1].lower() == b"rss" else b"</" + root[1] + b">"


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
        document = read_feed(sys.stdin.buffer.read(), order["url"])
        sys.stdout.write(json.dumps(document))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
