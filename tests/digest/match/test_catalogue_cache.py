"""What is searched follows the rows: new, changed, deleted, and no more than there is room for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.match import catalogue_cache, match_papers
from digest.match.search import search_papers
from digest.models import Paper
from tests.digest.match.searching import NEWEST, shelve, titles
from tests.factories import NOW, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)


def test_new_and_changed_papers_are_found_at_once_and_deleted_ones_no_longer() -> None:
    paper = shelve(title="Slow cameras")
    assert titles("camera") == ["Slow cameras"]
    Paper.objects.update(title="Quick shutters", matched_at=None)
    shelve(title="A camera obscura")
    assert titles("camera") == ["A camera obscura"]
    assert titles("shutter") == ["Quick shutters"]
    paper.delete()
    assert titles("shutter") == []


def test_a_paper_that_changed_is_found_before_any_new_one_comes() -> None:
    shelve(title="Slow cameras")
    shelve(title="A camera obscura")
    assert titles("shutter") == []
    Paper.objects.filter(title="Slow cameras").update(title="Quick shutters", matched_at=None)
    match_papers(NOW + DAY)
    assert titles("shutter") == ["Quick shutters"]


def test_a_paper_that_was_matched_as_of_an_earlier_day_is_found_too() -> None:
    shelve(title="Slow cameras")
    assert titles("camera") == ["Slow cameras"]
    make_paper(title="A camera obscura", news_at=NOW - DAY)
    match_papers(NOW - DAY)
    assert set(titles("camera")) == {"Slow cameras", "A camera obscura"}


def test_a_full_catalogue_drops_what_came_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_cache, "MOST_PAPERS", 2)
    monkeypatch.setattr(catalogue_cache, "SPARE_PAPERS", 1)
    for n in range(5):
        shelve(title=f"Robots, part {n}", news_at=NOW - 30 * DAY)
        search_papers("robot", NEWEST, 0, 9)
    assert titles("robot") == ["Robots, part 3", "Robots, part 4"]
