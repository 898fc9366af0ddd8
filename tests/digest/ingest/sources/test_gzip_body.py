"""A feed that is packed into a file is read, as far as it came, and never blows up."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from digest.ingest.sources.fetch import fetch_url
from digest.ingest.sources.fetch_errors import FetchError
from digest.ingest.sources.gzip_body import BodyTooLarge, is_gzip, unpack_gzip
from tests.web_server import Answer, web_server

FEED = b"<rss>" + b"".join(b"<item>%d</item>" % n for n in range(5_000)) + b"</rss>"
MANY = 10_000_000


def test_a_file_is_known_by_its_first_bytes() -> None:
    assert is_gzip(gzip.compress(FEED))
    assert not is_gzip(FEED)


def test_it_is_unpacked_whole_though_it_has_several_parts() -> None:
    packed = gzip.compress(FEED[:100]) + gzip.compress(FEED[100:])
    assert unpack_gzip(packed, MANY) == (FEED, True)
    assert unpack_gzip(packed + b"\0" * 512, MANY) == (FEED, True)  # padding of an archive


@pytest.mark.parametrize(("cut_to", "tail"), [(-900, b""), (-4, b"oops")], ids=["cut", "spoilt"])
def test_of_a_broken_file_what_came_is_read(cut_to: int, tail: bytes) -> None:
    broken = gzip.compress(FEED)[:cut_to] + tail
    body, is_whole = unpack_gzip(broken, MANY)
    assert not is_whole
    assert len(body) > 1_000
    assert FEED.startswith(body)


def test_a_file_that_would_fill_the_memory_is_left() -> None:
    with pytest.raises(BodyTooLarge):
        unpack_gzip(gzip.compress(b"x" * 60_000_000), MANY)


def test_a_packed_feed_is_fetched_and_one_too_large_says_so(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    with web_server() as server:
        server.give("/feed.xml.gz", Answer(gzip.compress(FEED)))
        fetched = fetch_url(f"{server.url}/feed.xml.gz")
        assert (fetched.body, fetched.is_whole) == (FEED, True)
        server.give("/bomb.gz", Answer(gzip.compress(b"x" * 60_000_000)))
        with pytest.raises(FetchError, match="more than"):
            fetch_url(f"{server.url}/bomb.gz")
