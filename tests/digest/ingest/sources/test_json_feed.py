"""JSON Feed is read like any other feed."""

from __future__ import annotations

import json

from digest.ingest.sources.feed import parse_document
from digest.ingest.sources.json_feed import read_json_feed

FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Roofs",
    "home_page_url": "https://roofs.example.org/",
    "items": [
        {
            "id": "7",
            "url": "https://roofs.example.org/7",
            "title": "Gulls <3 roofs",
            "content_html": "<p>Gulls like roofs of CO<sub>2</sub>-cured paint more.</p>",
            "date_published": "2026-04-22T06:00:00Z",
            "authors": [{"name": "Ada Lunt"}, {"name": "Bo Karr"}],
            "tags": ["gulls"],
        },
        "no item",
    ],
}


def test_a_json_feed_is_read() -> None:
    document = parse_document(json.dumps(FEED).encode(), "https://roofs.example.org/feed.json")
    (entry,) = document.entries
    assert (entry.title, entry.authors) == ("Gulls <3 roofs", ("Ada Lunt", "Bo Karr"))
    assert entry.abstract == "Gulls like roofs of CO₂-cured paint more."
    assert str(entry.published_at)[:10] == "2026-04-22"
    assert document.problem == "1 of 2 entries were read; 1 could not be understood."


def test_other_json_and_broken_json_are_none() -> None:
    assert read_json_feed(b'{"items": []}') is None
    assert read_json_feed(b'{"version": "https://jsonfeed.org/version/1", "items": [') is None
    assert read_json_feed(b"<rss/>") is None
