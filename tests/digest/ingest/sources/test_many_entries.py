"""Entries of many publishers and blogs, each read as a person would copy it down.

Each line of entries.jsonl has an entry, or a whole document, and what is right of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from digest.ingest.sources import feedparser_child
from digest.ingest.sources.charset import convert_to_utf8
from digest.ingest.sources.feed import parse_document

ROWS = list(map(json.loads, (Path(__file__).parent / "entries.jsonl").read_text().splitlines()))
TITLE = "Slow robots grasp warm cups in the dark"
SHORT = {
    "{head}": f"<title>{TITLE}</title><link>https://j.example.org/a/1</link>",
    "{title}": TITLE,
    "{text}": "We show that slow robots grasp nine in ten cups when it is dark, "
    "and one in ten when it is bright outside.",
}
HEAD = (
    "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' "
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:mml="http://www.w3.org/1998/Math/MathML" '
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"><channel>'
    "<title>J. Tests</title><link>https://j.example.org/</link>"
)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children are tested elsewhere; a hundred starts of them would take a while."""

    def parse_here(body: bytes, url: str, content_type: str = "") -> dict[str, Any]:
        return feedparser_child.read_feed(convert_to_utf8(body, content_type), url)

    monkeypatch.setattr("digest.ingest.sources.feed.parse_in_child", parse_here)


def expand(text: str) -> str:
    for short, long in SHORT.items():
        text = text.replace(short, long)
    return text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["name"]))
def test_an_entry_is_read_as_a_person_would_copy_it_down(row: dict[str, Any]) -> None:
    written = row.get("document") or f"{HEAD}{row['rss']}</channel></rss>"
    document = parse_document(expand(written).encode(), "https://j.example.org/feed")
    entry = document.entries[0]
    for name, right in row["is"].items():
        field, has, _ = name.partition(" has")
        if field == "n":
            assert len(document.entries) == right
            continue
        value = entry.published_at if field == "date" else getattr(entry, field)
        read = str(value)[:16] if field == "date" else value
        right = expand(right) if isinstance(right, str) else right
        right = tuple(right) if isinstance(right, list) else right
        assert (right in read) if has else (read == right), f"{field}: {read}"
