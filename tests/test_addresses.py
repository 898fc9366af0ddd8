"""What holds for every address of the site; one that is new and on no shelf makes this fail."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve

from subscribers.web import known_browsers
from tests.shelves import Shelves, fill_the_shelves

pytestmark = pytest.mark.django_db
# Of these the libraries' own tests speak; of what we add to them ours do.
OF_LIBRARIES = {"admin/", "anymail/"}
MOST_BYTES = 100_000  # of a page with all it loads, without pictures, as sent
LOADED = ["offprint.css", "offprint.js", "reading.js", "fonts/source-serif-4-latin.woff2"]


@pytest.fixture
def shelves(settings: Any) -> Shelves:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    return fill_the_shelves()


def routes(patterns: Sequence[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield route
        elif route not in OF_LIBRARIES:
            yield from routes(pattern.url_patterns, route)


def head_of(answer: Any) -> tuple[str, str]:
    """Title and description."""
    page = answer.content.decode()
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    names = r'<meta\s+name="description"\s+property="og:description"\s+content="(.*?)"\s*>'
    said = re.search(names, page)
    assert title
    assert said
    return unescape(title[1]), unescape(said[1])


def is_for_search_engines(answer: Any) -> bool:
    said = f"{answer.get('X-Robots-Tag', '')} {answer.content.decode()}"
    return answer.status_code == 200 and "noindex" not in said


def test_every_address_of_the_site_stands_on_a_shelf(shelves: Shelves) -> None:
    visited = set()
    for address in shelves.all:
        with suppress(Resolver404):  # what is not there is tried too
            visited.add(resolve(urlsplit(address).path).route)
    assert set(routes(get_resolver().url_patterns)) - visited == set()


def test_every_page_is_strict_light_and_tells_nobody(client: Client, shelves: Shelves) -> None:
    static = configured.BASE_DIR / "static"
    loaded = sum(len(packed((static / name).read_bytes(), name)) for name in LOADED)
    for address in [*shelves.public, *shelves.signed]:
        answer = client.get(address, follow=True)
        assert "unsafe" not in answer["Content-Security-Policy"], address
        assert answer["Referrer-Policy"] in ("same-origin", "no-referrer"), address
        # Of a reader's own pages one says since when the browser has their link; no other has any.
        may_have = {known_browsers.COOKIE} if address in shelves.signed else set()
        assert set(answer.cookies) <= may_have, address
        assert len(packed(answer.content)) + loaded < MOST_BYTES, address


def packed(content: bytes, name: str = "") -> bytes:
    return content if name.endswith("woff2") else gzip.compress(content)


def test_what_is_signed_is_kept_by_nobody(client: Client, shelves: Shelves) -> None:
    links = [a for a in [*shelves.signed, *shelves.mails] if not a.startswith("/preview/")]
    for address in links:
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"], address
        assert "noindex" in answer["X-Robots-Tag"], address


def test_titles_and_descriptions_say_something_and_differ(client: Client, shelves: Shelves) -> None:
    found: dict[str, tuple[str, str]] = {}
    for address in shelves.public:
        answer = client.get(address)
        if is_for_search_engines(answer) and "?" not in address:
            found[address] = head_of(answer)
    assert len(found) >= 11
    titles, said = zip(*found.values(), strict=True)
    assert len(set(titles)) == len(titles), titles
    assert len(set(said)) == len(said), said
    for address, (title, description) in found.items():
        assert "Offprint" in title, address
        assert 50 <= len(description) <= 320, (address, description)
