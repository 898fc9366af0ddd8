"""The line that opens a mail counts as a person would."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import DigestContents, DigestItem, Section, TopicReason
from digest.render import intro


def items(*queries: str, section: Section = Section.NEW) -> list[DigestItem]:
    """One paper for each argument; several topics of one paper are parted by `&`."""
    return [
        DigestItem(n, section, tuple(TopicReason(1, query, "") for query in typed.split(" & ")))
        for n, typed in enumerate(queries)
    ]


def contents(*papers: DigestItem, **fields: Any) -> DigestContents:
    return DigestContents(papers=papers, **fields)


@pytest.mark.parametrize(
    ("trending", "new", "said"),
    [
        (0, 1, "1 paper in your topics."),
        (0, 5, "5 papers in your topics."),
        (1, 0, "1 paper in your topics, and it is trending."),
        (2, 0, "2 papers in your topics, both trending."),
        (3, 0, "3 papers in your topics, all of them trending."),
        (1, 4, "5 papers in your topics, 1 of them trending."),
    ],
)
def test_the_intro_counts_as_a_person_would(trending: int, new: int, said: str) -> None:
    papers = items(*["a1"] * trending, section=Section.TRENDING) + items(*["a1"] * new)
    assert intro.write_intro(contents(*papers)) == said


def test_the_intro_of_a_first_and_of_a_weekly_digest_says_what_time_it_is_about() -> None:
    two = items("a1", "b2")
    for cadence in ("weekly", "weekdays"):
        said = intro.write_intro(contents(*two, cadence=cadence))
        assert said == "2 papers in your topics."
    first = "From the last days: 2 papers in your topics."
    assert intro.write_intro(contents(*two, cadence="weekly", is_first=True)) == first


def test_a_paper_from_outside_the_topics_is_counted_apart() -> None:
    outside = items("", section=Section.OUTSIDE)
    said = intro.write_intro(contents(*items("a1", "b2", section=Section.BREAKOUT), *outside))
    assert said == "2 papers in your topics, both trending, and 1 from outside them."
    alone = intro.write_intro(contents(*outside))
    assert alone == "Nothing new in your topics, but one paper that everybody talks about."
