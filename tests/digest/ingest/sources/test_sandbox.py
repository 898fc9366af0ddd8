from __future__ import annotations

from typing import Any

import pytest

from digest.ingest.sources import feedparser_child
from digest.ingest.sources.parsed import Unreadable
from digest.ingest.sources.sandbox import WALL_SECONDS, MachineBusy, parse_in_child
from tests.digest.ingest.sources.wire import feed_item, rss

URL = "https://lab.example.org/feed"
# 0.43 MB: each attribute is looked for among all others before it.
ATTRIBUTES = " ".join(f"a{n}='x'" for n in range(40_000))
BOMB = f"<rss version='2.0'><channel><item {ATTRIBUTES}><title>x</title></item></channel></rss>"


def test_a_feed_comes_back_as_plain_data() -> None:
    wire = parse_in_child(rss(feed_item("One", link="https://lab.example.org/1")), URL)
    assert wire["version"] == "rss20"
    assert [entry["title"]["text"] for entry in wire["entries"]] == ["One"]


def test_a_document_that_would_take_for_ever_is_killed_and_says_why() -> None:
    assert 400_000 < len(BOMB) < 450_000
    with pytest.raises(Unreadable, match="takes more than 1 seconds to read"):
        parse_in_child(BOMB.encode(), URL, cpu_seconds=1, wall_seconds=120)


def test_a_child_that_gets_no_processor_is_ended_and_the_document_not_blamed() -> None:
    with pytest.raises(MachineBusy, match=r"too busy to read the document within 0\.01 seconds"):
        parse_in_child(b"", URL, wall_seconds=0.01)


def test_the_clock_leaves_a_busy_machine_far_more_time_than_the_processor_needs() -> None:
    assert WALL_SECONDS >= 10 * feedparser_child.CPU_SECONDS


def test_a_document_that_fills_the_memory_is_stopped_and_says_why() -> None:
    with pytest.raises(Unreadable, match="too much memory"):
        parse_in_child(rss(feed_item("x" * 5_000_000)), URL, memory_bytes=60_000_000)


def test_a_path_in_place_of_a_document_is_not_opened(tmp_path: Any) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(rss(feed_item("Secret")))
    wire = parse_in_child(str(secret).encode(), URL)
    assert wire["entries"] == []


def test_an_entity_that_names_a_file_is_not_read(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    entity = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
    wire = parse_in_child(entity.encode() + rss("<item><title>a &x; b</title></item>"), URL)
    assert "the secret" not in str(wire)


def test_a_child_that_falls_over_says_how() -> None:
    with pytest.raises(Unreadable, match="brings the feed parser down"):
        parse_in_child(b"", URL, cpu_seconds="many")  # type: ignore[arg-type]
