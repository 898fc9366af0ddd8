"""What kind of source an address is, and how it is called at first."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from digest.management.new_sources import check_address, guess_kind, guess_title


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://rss.arxiv.org/rss/cs.CL", "arxiv"),
        ("https://huggingface.co/api/daily_papers", "huggingface"),
        ("https://huggingface.co/blog/feed.xml", "feed"),
        ("https://notarxiv.org/rss", "feed"),
    ],
)
def test_a_kind_is_told_by_host_and_path(url: str, kind: str) -> None:
    assert guess_kind(url) == kind


def test_a_title_leaves_out_what_every_address_has() -> None:
    assert guess_title("https://www.example.org/blog/") == "example.org/blog"


@pytest.mark.parametrize("url", ["example.org", "ftp://example.org/", "https://[broken"])
def test_what_is_no_address_on_the_web_gets_a_sentence(url: str) -> None:
    with pytest.raises(CommandError, match="must begin with http"):
        check_address(url)
