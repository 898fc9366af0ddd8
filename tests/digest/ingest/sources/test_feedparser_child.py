from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from digest.ingest.sources import feedparser_child
from digest.ingest.sources.feedparser_child import drop_cut_entry, read_feed
from tests.digest.ingest.sources.wire import feed_item, rss

URL = "https://lab.example.org/feed"
ATOM = (
    b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Lab</title>'
    b"<entry><id>1</id><title>One</title></entry><entry><id>2</id><title>Two</title></entry>"
)
RDF = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    b'xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>Lab</title></channel>'
    b'<item rdf:about="1"><title>One</title><link>https://x.org/1</link></item>'
)


def test_a_whole_document_is_left_as_it_is() -> None:
    for whole in (rss(feed_item()), ATOM + b"</feed>", RDF + b"</rdf:RDF>", b"<html>", b""):
        assert drop_cut_entry(whole) == (whole, True)


@pytest.mark.parametrize("cut", [b"<entry><id>3</id><title>Thr", b"<entry", b" ", b""])
def test_of_a_cut_atom_feed_the_whole_entries_are_kept(cut: bytes) -> None:
    read = read_feed(ATOM + cut, URL)
    assert not read["is_whole"]
    assert [entry["title"]["text"] for entry in read["entries"]] == ["One", "Two"]
    assert read["trouble"] == ""


def test_of_a_cut_rss_feed_the_whole_entries_are_kept() -> None:
    whole = rss(feed_item("One"), feed_item("Two"), feed_item("Three"))
    for length in range(whole.index(b"Three"), len(whole) - len(b"</channel></rss>")):
        read = read_feed(whole[:length], URL)
        assert not read["is_whole"]
        assert len(read["entries"]) in (2, 3)


def test_of_a_cut_rdf_feed_the_whole_entries_are_kept() -> None:
    read = read_feed(RDF + b'<item rdf:about="2"><ti', URL)
    assert [entry["link"] for entry in read["entries"]] == ["https://x.org/1"]


def test_a_feed_cut_in_its_first_entry_has_none() -> None:
    first = rss(feed_item("One")).partition(b"One")[0]
    assert read_feed(first, URL)["entries"] == []
    assert read_feed(b"<rss version='2.0'><channel><ti", URL)["entries"] == []


def test_links_are_resolved_against_the_feeds_own_address() -> None:
    item = feed_item(link="/posts/1")
    assert read_feed(rss(item), URL)["entries"][0]["link"] == "https://lab.example.org/posts/1"


def test_text_that_looks_like_markup_is_not_cleaned_away() -> None:
    item = feed_item("0<x<1 and <think>", description="for 0<x<1 we <script>do</script>")
    entry = read_feed(rss(item), URL)["entries"][0]
    assert entry["title"]["text"] == "0<x<1 and <think>"
    assert "0<x<1" in entry["summary"]["text"]


def test_dates_come_as_seconds_and_broken_ones_not_at_all() -> None:
    items = [
        feed_item(pubDate="Wed, 22 Apr 2026 12:00:00 GMT"),
        feed_item(pubDate="the day after tomorrow"),
        feed_item(),
    ]
    dates = [entry["published"] for entry in read_feed(rss(*items), URL)["entries"]]
    assert dates == [1_776_859_200, None, None]


def test_fields_and_entries_are_capped() -> None:
    read = read_feed(rss(*[feed_item("t")] * 5100, feed_item("x" * 90_000)), URL)
    assert len(read["entries"]) == feedparser_child.ENTRIES
    read = read_feed(rss(feed_item("x" * 90_000)), URL)
    assert len(read["entries"][0]["title"]["text"]) == feedparser_child.FIELD_CHARS


class _Stdin:
    def __init__(self, body: bytes) -> None:
        self.buffer = io.BytesIO(body)


def _run(monkeypatch: pytest.MonkeyPatch, body: bytes) -> tuple[int, str]:
    order = {"url": URL, "cpu_seconds": -1, "memory_bytes": -1}
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", _Stdin(json.dumps(order).encode() + b"\n" + body))
    monkeypatch.setattr(sys, "stdout", out)
    return feedparser_child.main(), out.getvalue()


def test_the_order_and_the_document_come_in_and_json_goes_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, out = _run(monkeypatch, rss(feed_item("One")))
    assert code == 0
    assert json.loads(out)["entries"][0]["title"]["text"] == "One"


def test_a_lack_of_memory_has_its_own_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: Any) -> dict[str, Any]:
        raise MemoryError

    monkeypatch.setattr(feedparser_child, "read_feed", fill)
    assert _run(monkeypatch, b"")[0] == feedparser_child.OUT_OF_MEMORY
