"""What shows that an entry of a paper's title speaks of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digest.ingest.evidence import is_earlier_listing, is_same_paper
from digest.ingest.sources.parsed import ParsedEntry
from digest.models import Paper
from tests.factories import NOW

TITLE = "Best paper awards at this year's big meeting"
TEXT = "Seven papers were honoured yesterday among hundreds that members submitted since winter."


def paper(**fields: Any) -> Paper:
    defaults = {"identifier": "url:https://a.example.org/1", "title": TITLE, "published_at": NOW}
    return Paper(**(defaults | fields))


def entry(**fields: Any) -> ParsedEntry:
    defaults: dict[str, Any] = {
        "guid": "g",
        "identifier": "url:https://b.example.org/9",
        "title": TITLE,
    }
    defaults |= {"url": "https://b.example.org/9", "published_at": NOW, "has_id": False}
    return ParsedEntry(**(defaults | fields))


ADA, BO = {"authors": ["Ada Lunt"]}, {"authors": ("Bo Karr",)}


@pytest.mark.parametrize(
    ("known", "came", "is_same"),
    [
        ({}, {}, False),
        (ADA, {"authors": ("Lunt, A.",)}, True),
        (ADA, BO, False),
        (ADA, {}, False),
        ({**ADA, "identifier": "doi:10.1000/x"}, {}, True),
        ({"abstract": TEXT}, {"abstract": TEXT}, True),
        ({"abstract": "Our own Ada won."}, {"abstract": "Cy won two."}, False),
        ({**ADA, "identifier": "doi:10.1000/x"}, {"identifier": "doi:10.1000/y", **BO}, False),
    ],
    ids=["headlines", "an author", "others", "a blog", "a scholarly work", "text", "texts", "DOIs"],
)
def test_titles_alone_prove_nothing(known: Any, came: Any, is_same: bool) -> None:
    assert is_same_paper(paper(**known), entry(**came), is_known_here=False) == is_same


def test_one_source_lists_a_preprint_and_what_became_of_it() -> None:
    preprint = paper(identifier="doi:10.1101/2026.04.01.123456", **ADA)
    journal = entry(identifier="doi:10.1000/x", authors=("Ada Lunt",))
    assert is_same_paper(preprint, journal, is_known_here=True)
    assert not is_same_paper(paper(**ADA), entry(authors=("Ada Lunt",)), is_known_here=True)


def test_versions_that_have_a_number_each_are_one() -> None:
    first = paper(identifier="doi:10.5281/zenodo.1234567")
    second = entry(identifier="doi:10.5281/zenodo.1234999")
    assert is_same_paper(first, second, is_known_here=True)
    other = entry(identifier="doi:10.5281/zenodo.1234999", **BO)
    assert not is_same_paper(
        paper(identifier="doi:10.5281/zenodo.1234567", **ADA), other, is_known_here=True
    )


WEEK = NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("known", "came", "is_same"),
    [
        ({}, {}, True),
        ({}, {"published_at": WEEK}, False),
        ({}, {"has_id": True}, False),
        (ADA, {"authors": ("Ada Lunt",)}, True),
        (ADA, BO, False),
        (
            {"abstract": TEXT},
            {"abstract": "Other things happened in other places altogether."},
            False,
        ),
        ({"abstract": TEXT}, {"abstract": TEXT, "published_at": WEEK}, True),
        ({}, {"published_at": None}, True),
    ],
    ids=["same day", "next week", "id", "author", "others", "other text", "text", "undated"],
)
def test_a_post_under_another_address_is_known_again(known: Any, came: Any, is_same: bool) -> None:
    assert is_earlier_listing(paper(**known), entry(**came), NOW) == is_same


def test_it_is_known_by_the_date_that_its_own_source_gave_it_and_by_its_authors() -> None:
    """Another source may have dated the paper earlier, and brought another text of it."""
    other = "Seven papers were honoured yesterday, and their makers told us much of how they work."
    known = paper(published_at=NOW - timedelta(days=30), abstract=other, **ADA)
    again = entry(has_id=True, abstract=TEXT, authors=("Ada Lunt",))
    assert is_earlier_listing(known, again, NOW)
    assert not is_earlier_listing(known, again, NOW - timedelta(days=30))
