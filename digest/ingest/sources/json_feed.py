"""JSON Feed (https://www.jsonfeed.org/version/1.1/), as the plain data that XML comes down to."""

from __future__ import annotations

import json
from typing import Any

ENTRIES = 5000
FIELD_CHARS = 50_000
NAMES = 400


def read_json_feed(body: bytes) -> dict[str, Any] | None:
    """What feedparser_child.read_feed returns, made of a JSON Feed; None for what is none."""
    if not body[:200].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return None
    try:
        feed = json.loads(body.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        return None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in _read_str(feed, "version"):
        return None
    return {
        "version": "json",
        "is_whole": True,
        "trouble": "",
        "listed_at": None,
        "title": _read_str(feed, "title"),
        "link": _read_str(feed, "home_page_url"),
        "entries": [_dump_item(item) for item in items[:ENTRIES]],
    }


def _dump_item(item: Any) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return None
    link = _read_str(item, "url") or _read_str(item, "external_url")
    identifier = item.get("id")
    return {
        "id": str(identifier) if isinstance(identifier, str | int) else "",
        "link": link,
        "author": "",
        "title": {"text": _read_str(item, "title"), "is_html": False},
        "summary": {"text": _read_str(item, "summary"), "is_html": False},
        "contents": [
            {"text": _read_str(item, "content_html"), "is_html": True},
            {"text": _read_str(item, "content_text"), "is_html": False},
        ],
        "authors": _list_authors(item),
        "tags": [tag for tag in _read_list(item, "tags") if isinstance(tag, str)],
        "links": list(filter(None, (link, _read_str(item, "external_url")))),
        "published": None,
        "updated": None,
        "published_text": _read_str(item, "date_published")[:100],
        "updated_text": _read_str(item, "date_modified")[:100],
        "own": {
            name.lower(): [_read_str(item, name)]
            for name in ("doi", "DOI", "_doi")
            if _read_str(item, name)
        },
    }


def _list_authors(item: dict[str, Any]) -> list[str]:
    rows = [*_read_list(item, "authors"), item.get("author")]
    return [name for row in rows if isinstance(row, dict) and (name := _read_str(row, "name"))]


def _read_list(holder: dict[str, Any], name: str) -> list[Any]:
    value = holder.get(name)
    return value[:NAMES] if isinstance(value, list) else []


def _read_str(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    return value[:FIELD_CHARS] if isinstance(value, str) else ""
