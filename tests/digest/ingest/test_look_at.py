"""What an address leads to is seen before it is a source."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digest.ingest import look_at
from digest.ingest.look_at import NotASource, Unreachable, find_source_address, look_at_source
from digest.ingest.sources.fetch import FetchedDocument
from digest.ingest.sources.fetch_errors import FetchError
from tests.factories import NOW

FEED = (
    "<rss version='2.0'><channel><title>Slow things</title>"
    + "".join(
        f"<item><title>Paper {n}</title><link>https://lab.example.org/{n}</link></item>"
        for n in range(7)
    )
    + "</channel></rss>"
)
Serve = Callable[[dict[str, bytes | FetchError]], list[str]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Answer these addresses; returns the list of those that are asked."""

    def serve(documents: dict[str, bytes | FetchError]) -> list[str]:
        asked: list[str] = []

        def fetch(url: str) -> FetchedDocument:
            asked.append(url)
            answer = documents[url]
            if isinstance(answer, FetchError):
                raise answer
            return FetchedDocument(answer)

        monkeypatch.setattr(look_at, "fetch_url", fetch)
        return asked

    return serve


def test_a_feed_shows_its_first_papers(serve: Serve) -> None:
    asked = serve({"https://lab.example.org/f": FEED.encode()})
    looked = look_at_source("https://lab.example.org/f", "feed", NOW)
    first = looked.papers[0].title
    assert (looked.title, looked.count, first) == ("Slow things", 7, "Paper 0")
    assert len(looked.papers) == 5
    assert asked == ["https://lab.example.org/f"]


def test_a_page_is_followed_to_the_feed_that_it_names(serve: Serve) -> None:
    page = b"<!DOCTYPE html><link rel=alternate type=application/rss+xml href=/f>"
    serve({"https://lab.example.org/": page, "https://lab.example.org/f": FEED.encode()})
    looked = look_at_source("https://lab.example.org/", "feed", NOW)
    assert (looked.url, looked.count) == ("https://lab.example.org/f", 7)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html><p>Nothing here", "is a web page and names no feed"),
        (b"%PDF-1.7", "but a PDF file."),
        (b"", "cannot be read. The answer is empty"),
        (FetchError("There is nothing at this address (404).", status=404), r"(404)"),
        (FetchError("x is not a public address.", is_refused_address=True), "not a public"),
    ],
)
def test_what_cannot_be_read_is_said(body: bytes | FetchError, told: str, serve: Serve) -> None:
    serve({"https://lab.example.org/f": body})
    with pytest.raises(NotASource) as error:
        look_at_source("https://lab.example.org/f", "feed", NOW)
    assert told in str(error.value)


@pytest.mark.parametrize("status", [None, 503, 429])
def test_a_host_that_does_not_answer_is_no_reason_to_refuse_it(
    status: int | None, serve: Serve
) -> None:
    serve({"https://lab.example.org/f": FetchError("Not now.", status=status)})
    with pytest.raises(Unreachable, match="Not now"):
        look_at_source("https://lab.example.org/f", "feed", NOW)


def test_the_newest_list_of_hugging_face_is_shown_that_has_papers(serve: Serve) -> None:
    empty = b"[]"
    full = b'[{"paper": {"id": "2604.01234", "title": "Slow robots"}}]'
    url = "https://huggingface.co/api/daily_papers?limit=100&date=2026-04-"
    asked = serve({f"{url}22": empty, f"{url}21": full})
    looked = look_at_source("https://huggingface.co/api/daily_papers", "huggingface", NOW)
    assert (looked.count, [paper.title for paper in looked.papers]) == (1, ["Slow robots"])
    assert len(asked) == 2


def test_a_kind_that_is_given_leaves_the_address_as_it_is() -> None:
    url = "https://arxiv.org/list/cs.CL/recent"
    assert find_source_address(url, "feed") == (url, "feed")
    assert find_source_address(url) == ("https://rss.arxiv.org/rss/cs.CL", "arxiv")
    assert find_source_address("https://x.example.org/") == ("https://x.example.org/", "feed")
