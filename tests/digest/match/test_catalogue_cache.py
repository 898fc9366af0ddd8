"""What is searched follows the rows: new, changed, deleted, and no more than there is room for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.match import catalogue_cache, match_papers
from digest.match.process_cache import process_cache
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


def test_what_a_full_catalogue_drops_is_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_cache, "MOST_PAPERS", 2)
    monkeypatch.setattr(catalogue_cache, "SPARE_PAPERS", 1)
    for n in range(5):
        shelve(title=f"Robots, part {n}", news_at=NOW - 30 * DAY)
        assert len(process_cache.get_catalogue()) <= 4
        found = search_papers("robot", NEWEST, 0, 9)
        assert (len(found.matches), found.count, found.is_exact) == (n + 1, n + 1, True)


def test_no_search_waits_until_a_full_catalogue_is_read_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue_cache, "MOST_PAPERS", 2)
    monkeypatch.setattr(catalogue_cache, "SPARE_PAPERS", 0)
    shelve(title="Robots, part 0")
    process_cache.get_catalogue()
    for n in range(1, 4):
        shelve(title=f"Robots, part {n}")
        process_cache.get_ready_catalogue()  # a search on PostgreSQL
        assert len(titles("robots")) == n + 1
    assert process_cache.get_ready_catalogue() is None
    process_cache.get_catalogue()  # a preview, or the thread that keeps pages warm
    assert process_cache.get_ready_catalogue()
