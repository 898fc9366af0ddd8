"""The feeds that a web page names: <link rel="alternate">, or else links that look like feeds.

https://html.spec.whatwg.org/multipage/links.html#rel-alternate
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

from digest.ingest.sources.addresses import split_url

MOST_LINKS = 50
_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
)
_FEED_PATH = re.compile(
    r"(?:/(?:rss|atom|feed)|\.(?:rss|atom)|/(?:rss|atom|feed|index)\.xml)/?$", re.I
)
# Feeds of everything but papers and posts.
_COMMENTS = re.compile(r"comment|/podcast|oembed", re.IGNORECASE)


def list_feed_links(body: bytes, url: str) -> list[str]:
    """The addresses of the feeds that a page names, its own first and those of comments last."""
    reader = _LinkReader()
    reader.feed(body.decode("utf-8", errors="replace"))
    base = urljoin(url, reader.base)
    named = [_join_or_empty(base, link) for link in (reader.named or reader.likely)]
    links = list(dict.fromkeys(link for link in named if link))
    return sorted(links, key=lambda link: bool(_COMMENTS.search(link)))


def _join_or_empty(base: str, link: str) -> str:
    try:
        joined = urljoin(base, link)
    except ValueError:
        return ""
    return joined if split_url(joined).scheme in ("http", "https") else ""


class _LinkReader(HTMLParser):
    """Collects what a page says of its feeds; forgiving, as pages are written."""

    def __init__(self) -> None:
        super().__init__()
        self.base, self.named, self.likely = "", list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip() for name, value in attrs}
        link = given.get("href", "")
        if tag == "base" and not self.base:
            self.base = link
        if not link or len(self.named) + len(self.likely) >= MOST_LINKS:
            return
        is_feed = given.get("type", "").lower().partition(";")[0] in _FEED_TYPES
        if tag == "link" and is_feed and "alternate" in given.get("rel", "").lower().split():
            self.named.append(link)
        elif tag == "a" and _FEED_PATH.search(link.partition("?")[0]):
            self.likely.append(link)
