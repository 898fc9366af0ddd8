"""Addresses of one source are told to be one, and inner ones are refused before anybody asks."""

from __future__ import annotations

from typing import Any

import pytest

from digest.ingest.sources.addresses import explain_inner_address, make_address_key, tidy_url


@pytest.mark.parametrize(
    "other",
    [
        "https://f.example.org/f",
        "http://f.example.org/f/",
        "HTTPS://F.example.ORG/f",
        "https://f.example.org:443/f",
        "http://f.example.org:80/f/",
        "feed://f.example.org/f",
        "feed:https://f.example.org/f",
        " https://f.example.org./f#top ",
    ],
)
def test_however_it_is_written_it_is_one_source(other: str) -> None:
    assert make_address_key(other) == make_address_key("https://f.example.org/f")


@pytest.mark.parametrize(
    "other",
    [
        "https://f.example.org/F",
        "https://f.example.org/f?x=1",
        "https://f.example.org:8443/f",
        "https://g.example.org/f",
        "https://www.f.example.org/f",
    ],
)
def test_what_may_be_another_source_stays_one(other: str) -> None:
    assert make_address_key(other) != make_address_key("https://f.example.org/f")


def test_what_is_no_address_stays_as_it_is() -> None:
    for typed in ("lab.example.org", "x://[", "file:///etc/passwd", "http://a:b/", ""):
        assert tidy_url(typed) == typed
    assert tidy_url("http://Ada:pw@[::1]:8080/x") == "http://Ada:pw@[::1]:8080/x"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/feed",
        "http://10.1.2.3/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[fec0::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:8000/",
        "http://printer.local/",
        "https://wiki.internal/feed",
    ],
)
def test_inner_addresses_are_refused_at_once(url: str, settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = []
    assert "within a private network" in explain_inner_address(url)


def test_public_and_allowed_addresses_are_not(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = ["wiki.internal", "127.0.0.1"]
    for url in ("https://example.org/", "http://8.8.8.8/", "https://wiki.internal/", "nothing"):
        assert explain_inner_address(url) == ""
    assert explain_inner_address("http://127.0.0.1:8000/f") == ""
