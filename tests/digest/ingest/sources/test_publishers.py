"""One entry in the shape of each publisher's feed, read as a person would copy it down.

The files in publishers/ are of our own writing; expected.json says what is right for each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from digest.ingest.sources import feedparser_child
from digest.ingest.sources.charset import convert_to_utf8
from digest.ingest.sources.feed import parse_document

FOLDER = Path(__file__).parent / "publishers"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text())


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children are tested elsewhere; thirty starts of them would take a while."""

    def parse_here(body: bytes, url: str, content_type: str = "") -> dict[str, Any]:
        return feedparser_child.read_feed(convert_to_utf8(body, content_type), url)

    monkeypatch.setattr("digest.ingest.sources.feed.parse_in_child", parse_here)


def test_every_file_says_what_is_right() -> None:
    files = {path.name for path in FOLDER.iterdir()} - {"expected.json"}
    assert files == EXPECTED.keys()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_entry_is_read_as_a_person_would_copy_it_down(name: str) -> None:
    document = parse_document((FOLDER / name).read_bytes(), f"https://feeds.example.org/{name}")
    (entry,) = document.entries
    read = {
        "title": entry.title,
        "authors": list(entry.authors),
        "abstract": entry.abstract,
        "date": str(entry.published_at)[:10],
        "doi": entry.doi,
        "url": entry.url,
        "identifier": entry.identifier,
    }
    wanted = {key: value for key, value in EXPECTED[name].items() if value or key != "url"}
    assert {key: read[key] for key in wanted} == wanted
