"""What a process keeps in memory follows the rows, is made once, and can be forgotten."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.match import match_papers
from digest.match.process_cache import LatestValues, RowCache, process_cache
from digest.match.search import search_papers
from digest.models import Paper
from tests.factories import NOW, make_paper


def test_a_value_is_made_once_for_a_version_and_anew_for_the_next() -> None:
    cache = RowCache(list[str], 0)
    loads: list[tuple[list[str], int]] = []

    def load(value: list[str], version: int) -> list[str]:
        loads.append((value, version))
        return [*value, "row"]

    assert cache.refresh(0, load) == []
    assert cache.refresh(1, load) == cache.refresh(1, load) == ["row"]
    assert cache.refresh(2, load) == ["row", "row"]
    assert loads == [([], 0), (["row"], 1)]


def test_a_load_that_fails_changes_nothing_and_is_tried_again() -> None:
    cache = RowCache(lambda: "empty", 0)

    def fail(*_: object) -> str:
        raise OSError("out of reach")

    with pytest.raises(OSError, match="out of reach"):
        cache.refresh(1, fail)
    assert (cache.value, cache.version, cache.is_loading) == ("empty", 0, False)
    assert cache.refresh(1, lambda *_: "full") == "full"


def test_threads_that_ask_at_once_wait_for_the_one_that_loads() -> None:
    cache, loads, together = RowCache(int, 0), list[bool](), Barrier(8)
    seen: list[int] = []

    def load(*_: int) -> int:
        loads.append(cache.is_loading)
        return 7

    def ask() -> None:
        together.wait(10)
        seen.append(cache.refresh(1, load))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (seen, loads) == ([7] * 8, [True])


def test_what_is_forgotten_is_empty_again() -> None:
    cache = RowCache(list[int], 0)
    cache.refresh(1, lambda *_: [1])
    cache.forget()
    assert (cache.value, cache.version) == ([], 0)


def test_the_oldest_values_give_way() -> None:
    values = LatestValues[str](2)
    for key in ("one", "two", "three"):
        values.put(key, key.upper())
    assert values.list_keys() == ["two", "three"]
    assert (values.get("one"), values.get("three")) == (None, "THREE")
    values.forget()
    assert values.list_keys() == []


@pytest.mark.django_db
def test_a_process_that_forgot_all_reads_what_there_is_and_finds_the_same() -> None:
    make_paper(title="Robots at sea")
    match_papers(NOW)

    def ask() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            found = search_papers("robots", ("pk",), 0, 9).count
            process_cache.get_recent_papers(NOW)
            process_cache.get_learned(NOW)
            process_cache.get_topic_index()
        return found, len(captured)

    process_cache.forget_all()
    first, second = ask(), ask()
    process_cache.forget_all()
    assert ask() == first
    assert second < first


@pytest.mark.django_db
def test_papers_are_counted_anew_only_when_some_were_matched() -> None:
    for days in range(6):
        make_paper(first_seen_at=NOW - timedelta(days=days), matched_at=NOW)
    make_paper(first_seen_at=NOW)  # not matched yet

    def count(days: float) -> int:
        since = NOW - timedelta(days=days)
        plainly = Paper.objects.matched().filter(first_seen_at__gt=since).count()
        assert process_cache.count_papers(since) == plainly
        return plainly

    assert count(4) == 4  # who came just then is not among them
    with CaptureQueriesContext(connection) as asked:
        assert process_cache.count_papers(NOW - timedelta(days=4)) == 4
    assert len(asked) == 1  # whether any were matched since
    with CaptureQueriesContext(connection) as asked:
        assert process_cache.count_papers(NOW - timedelta(days=2.5)) == 3
    assert "COUNT" not in asked[0]["sql"]
    assert 'first_seen_at" <=' in asked[1]["sql"]  # only those between
    assert [count(days) for days in (2, 1, 0)] == [2, 1, 0]
    assert count(5) == 5  # a clock that went back
    match_papers(NOW)
    assert count(2) == 3
