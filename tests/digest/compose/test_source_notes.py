"""The foot of a digest says how the sources are that matter to its reader, and never at length."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digest.compose.source_notes import MOST_NOTES, SourceNotes
from digest.models import Source
from tests.factories import NOW, make_source

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY, YESTERDAY, MONDAY = "2026-04-22", "2026-04-21", "2026-04-20"


@pytest.fixture(autouse=True)
def only_these_sources() -> None:
    Source.objects.all().delete()


def listing(**days: str) -> dict[str, Any]:
    names = {"CL": "cs.CL", "AI": "cs.AI", "LG": "cs.LG", "CV": "cs.CV", "RO": "cs.RO"}
    return {names[name]: {"listed_on": day, "new": 95} for name, day in days.items()}


def said(*categories: str, counts_votes: bool = False, now: Any = NOW) -> list[str]:
    return SourceNotes(now).list_notes(categories, counts_votes=counts_votes)


def test_a_list_of_today_says_how_many_are_new_in_the_readers_categories_alone() -> None:
    make_source(kind="arxiv", state="healthy", freshness=listing(CL=TODAY, AI=TODAY))
    assert said("cs.CL") == ["cs.CL: 95 new"]
    assert said("q-bio") == []


def test_a_late_list_is_named_to_everybody_with_the_day_it_is_of() -> None:
    make_source(kind="arxiv", state="stale", freshness=listing(AI=YESTERDAY, CL=TODAY, LG=MONDAY))
    assert said("cs.CL") == [
        "cs.CL: 95 new",
        "cs.AI: yesterday's list, today's follows tomorrow",
        "cs.LG: Monday's list, today's follows tomorrow",
    ]


def test_a_small_category_that_had_nothing_is_not_late() -> None:
    make_source(kind="arxiv", state="healthy", freshness=listing(CL=TODAY, RO=MONDAY))
    assert said("cs.RO") == ["cs.RO: nothing new"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": "failing", "last_error": "500"}, "arXiv: not reached yet"),
        (
            {"state": "failing", "last_error": "500", "last_fetched_at": NOW - DAY},
            "arXiv: not reached since Tuesday 21 April",
        ),
        ({"state": "stopped"}, "arXiv: closed by its host"),
    ],
)
def test_a_source_that_is_not_reached_says_since_when(
    fields: dict[str, Any], sentence: str
) -> None:
    make_source(kind="arxiv", freshness=listing(CL=TODAY), **fields)
    assert said("cs.CL") == [sentence]


@pytest.mark.parametrize(
    ("documents", "days", "sentence"),
    [
        ({TODAY: {"entries": 31}}, 0, "31 listed"),
        ({YESTERDAY: {"entries": 31}}, 0, "31 listed yesterday"),
        ({}, 0, "nothing listed yet"),
        ({}, 3, "nothing on weekends"),
    ],
)
def test_hugging_face_is_named_where_votes_are(
    documents: dict[str, Any], days: int, sentence: str
) -> None:
    make_source(kind="huggingface", state="healthy", documents=documents)
    now = NOW + days * DAY
    assert said(counts_votes=True, now=now) == [f"Hugging Face: {sentence}"]
    assert said(now=now) == []


@pytest.mark.parametrize(("days", "sentence"), [(0, "no list yet"), (3, "nothing on weekends")])
def test_an_empty_list_has_its_reason(days: int, sentence: str) -> None:
    make_source(kind="arxiv", state="empty")
    assert said("arXiv", now=NOW + days * DAY) == [f"arXiv: {sentence}"]


def test_a_feed_is_named_only_where_something_is_wrong() -> None:
    make_source(title="A Lab's Notebook", state="partial")
    make_source(title="Another Lab", state="healthy")
    make_source(title="A Third", state="failing", last_error="500", is_active=False)
    assert said() == ["A Lab's Notebook: read in part"]


def test_many_sources_that_are_down_take_no_more_room_than_a_few() -> None:
    for n in range(9):
        make_source(title=f"Lab {n}", state="failing", last_error="500")
    lines = said()
    assert len(lines) == MOST_NOTES
    assert lines[-1] == "6 more are not well"


def test_only_what_is_unwell_is_counted_among_what_has_no_room() -> None:
    every = listing(CL=TODAY, AI=TODAY, LG=TODAY, CV=TODAY, RO=TODAY)
    source = make_source(kind="arxiv", state="healthy", freshness=every)
    assert said(*every) == [f"{name}: 95 new" for name in list(every)[:MOST_NOTES]]
    late = {"cs.RO": {"listed_on": YESTERDAY, "new": 95}}
    Source.objects.filter(pk=source.pk).update(state="stale", freshness=every | late)
    assert said(*every)[-1] == "cs.RO: yesterday's list, today's follows tomorrow"
    make_source(title="A Lab's Notebook", state="partial")
    assert said(*every)[-1] == "2 more are not well"
