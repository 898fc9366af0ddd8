"""The parts of a trend are read as they were written, by this release and by those before it."""

from __future__ import annotations

import json

import pytest

from digest.models import Paper, TrendParts
from digest.models.trend_parts import list_stored_parts
from tests.factories import make_paper

WRITTEN = TrendParts(
    trend=3.52,
    parts={"votes": 2.06, "velocity": 1.49},
    medians={"votes": 6.5, "velocity": 3.5},
    category="cs.CL",
    papers=6,
    decay=0.687,
    hours=26,
    days=2,
    votes=63,
    votes_since_yesterday=41,
    velocity=41.0,
    pace=2.5,
    comments=1,
    stars=1200,
    sources=2,
    further_sources=1.0,
)
# As the release before versions wrote it.
STORED_BEFORE = """{"trend": 3.52, "parts": {"votes": 2.06, "velocity": 1.49},
    "medians": {"votes": 6.5, "velocity": 3.5}, "yardstick": {"category": "cs.CL", "papers": 6},
    "decay": 0.687, "hours": 26, "days": 2, "votes": 63, "votes_since_yesterday": 41,
    "velocity": 41.0, "pace": 2.5, "comments": 1, "stars": 1200, "sources": 2,
    "further_sources": 1.0}"""


@pytest.mark.django_db
def test_what_is_written_is_read_again_and_names_its_version() -> None:
    paper = make_paper(trend_parts=WRITTEN.to_json())
    paper.refresh_from_db()
    assert paper.popularity == WRITTEN
    assert paper.trend_parts["version"] == 2


def test_a_row_written_before_versions_is_read_and_keeps_its_keys() -> None:
    stored = json.loads(STORED_BEFORE)
    assert TrendParts.from_json(stored) == WRITTEN
    later = {"version": 2, "stars_gained": 0, "place": 0, "among": 0, "usual_votes": 0.0}
    assert WRITTEN.to_json() == later | stored


def test_what_the_first_releases_did_not_store_has_the_value_it_had_then() -> None:
    first = TrendParts.from_json({"trend": 2.0, "parts": {"votes": 2.0}, "votes": 9})
    assert (first.trend, first.parts, first.votes) == (2.0, {"votes": 2.0}, 9)
    assert (first.decay, first.days, first.sources, first.pace) == (1.0, 1, 1, 0.0)


def test_a_paper_that_was_never_scored_has_no_votes_and_one_source() -> None:
    assert Paper().popularity == TrendParts()
    assert (TrendParts().votes, TrendParts().sources) == (0, 1)


@pytest.mark.django_db
def test_queries_find_papers_by_a_part() -> None:
    fast, _ = (
        make_paper(trend_parts=TrendParts(velocity=velocity).to_json()) for velocity in (20.0, 19.9)
    )
    assert Paper.objects.get(trend_parts__velocity__gte=20) == fast


def test_a_person_is_shown_every_stored_part_and_no_version() -> None:
    shown = dict(list_stored_parts(WRITTEN.to_json()))
    later = ["stars_gained", "place", "among", "usual_votes"]
    assert list(shown) == sorted([*json.loads(STORED_BEFORE), *later])
    assert list_stored_parts({}) == []
