"""What makes an address a new source, and how it is called at first."""

from __future__ import annotations

import pytest

from digest.ingest.propose import BadAddress, find_known_source, guess_title, refuse_address
from tests.factories import make_source


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    ["https://example.org/feed", "http://example.org/feed/", "HTTPS://Example.org:443/feed"],
)
def test_a_source_is_known_in_whatever_spelling(url: str) -> None:
    source = make_source(url="https://example.org/feed")
    assert find_known_source(url) == source
    assert find_known_source("https://example.org/other") is None


def test_a_title_leaves_out_what_every_address_has() -> None:
    assert guess_title("https://www.example.org/blog/") == "example.org/blog"


@pytest.mark.parametrize("url", ["example.org", "ftp://example.org/", "https://[broken"])
def test_what_is_no_address_on_the_web_gets_a_sentence(url: str) -> None:
    with pytest.raises(BadAddress, match="must begin with http"):
        refuse_address(url)
