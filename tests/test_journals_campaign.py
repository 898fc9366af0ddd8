"""The short form of `make journals`: some journals for some days, and nobody gets a paper twice."""

from __future__ import annotations

from typing import Any

import pytest

from digest.ingest.sources import feedparser_child
from digest.ingest.sources.charset import convert_to_utf8
from tests.campaigns.journals.press import JOURNALS, SERVERS, Press
from tests.campaigns.journals.replay import replay

DAYS = 7
# Back-dated issues, a second address, versions, addresses and ids that change at each fetch.
NAMES = {
    "Transactions on Remote Ice",
    "Annals of Slow Rivers",
    "Grasp",
    "Reviewed in Public",
    "Journal of Tokens",
    "Fresh Names Daily",
}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children are tested elsewhere, and start in `make journals`."""

    def parse_here(body: bytes, url: str, content_type: str = "") -> dict[str, Any]:
        return feedparser_child.read_feed(convert_to_utf8(body, content_type), url)

    for kind in ("arxiv", "feed"):
        monkeypatch.setattr(f"digest.ingest.sources.{kind}.parse_in_child", parse_here)


# Whole days; both passes run tests/digest/ingest, which tries each of their steps.
@pytest.mark.long
@pytest.mark.django_db
def test_nobody_gets_a_paper_twice_and_nobody_misses_one(settings: Any) -> None:
    journals = tuple(journal for journal in JOURNALS if journal.name in NAMES)
    assert len(journals) == len(NAMES)
    with replay(Press(2, journals, SERVERS, DAYS), settings) as lived:
        lived.live(polls=(0,))
        assert lived.find_harm() == []
        wanted = sum(count.total() for count in lived.count_wanted().values())
        assert wanted > 50
