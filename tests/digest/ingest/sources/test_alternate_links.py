"""The feeds that a web page names."""

from __future__ import annotations

import pytest

from digest.ingest.sources.alternate_links import list_feed_links

PAGE = "https://lab.example.org/blog/"


@pytest.mark.parametrize(
    ("markup", "links"),
    [
        (
            '<link rel="alternate" type="application/rss+xml" href="/feed.xml">',
            ["https://lab.example.org/feed.xml"],
        ),
        (
            "<LINK TYPE='application/atom+xml; charset=utf-8' REL='ALTERNATE home' HREF=atom.xml>",
            ["https://lab.example.org/blog/atom.xml"],
        ),
        (
            '<base href="https://cdn.example.org/"><link rel=alternate'
            " type=application/feed+json href=f.json>",
            ["https://cdn.example.org/f.json"],
        ),
        (
            '<link rel=alternate type=application/rss+xml href="/comments/feed/">'
            '<link rel=alternate type=application/rss+xml href="/feed/">',
            ["https://lab.example.org/feed/", "https://lab.example.org/comments/feed/"],
        ),
        ('<a href="/news/rss.xml">RSS</a>', ["https://lab.example.org/news/rss.xml"]),
        ('<link rel=alternate hreflang=de href="/de/">', []),
        ('<link rel=stylesheet type=application/rss+xml href="/x">', []),
        ('<link rel=alternate type=application/rss+xml href="javascript:alert(1)">', []),
        ('<link rel=alternate type=application/rss+xml href="http://[">', []),
        ("<a href=/blog/>Blog", []),
        ("", []),
    ],
)
def test_a_page_names_its_feeds(markup: str, links: list[str]) -> None:
    assert list_feed_links(f"<html><head>{markup}</head>".encode(), PAGE) == links


def test_a_page_of_many_links_is_read_as_far_as_is_sensible() -> None:
    body = b"<a href=/x/feed>" * 10_000
    assert len(list_feed_links(body, PAGE)) == 1
