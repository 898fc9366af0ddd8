"""Every test is run by one pass of `make test` at least, and by both where both differ."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
import run_tests
from _pytest.mark.expression import Expression
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from run_tests import FIRST_PASS, SECOND_PASS, THOROUGH_FIRST_PASS, THOROUGH_SECOND_PASS

from tests import passes
from tests.passes import AsksTheCache, mark_for_passes, refuse_cache

NEED_SERVERS = ("indirect", "services", "browser", "long", "cached")


def is_run(expression: str, markers: set[str]) -> bool:
    def is_marked(name: str, /, **_: object) -> bool:
        return name in markers

    return Expression.compile(expression).evaluate(is_marked)


@pytest.mark.parametrize("asks_database", [True, False])
def test_no_test_is_left_out_by_both_passes(asks_database: bool) -> None:
    for count in range(3):
        for markers in map(set, itertools.combinations([*NEED_SERVERS, "one_machine"], count)):
            if "one_machine" in markers and markers & {"indirect", "services", "browser", "long"}:
                continue  # a contradiction, which the test below finds
            is_serverless = not asks_database and not markers & set(NEED_SERVERS)
            all_markers = markers | ({"serverless"} if is_serverless else set())
            assert is_run(FIRST_PASS, all_markers) or is_run(SECOND_PASS, all_markers), all_markers


def test_no_test_of_this_run_is_left_out_by_both(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        markers = {marker.name for marker in item.iter_markers()}
        passes_of_it = [
            one
            for one in (FIRST_PASS, SECOND_PASS, THOROUGH_FIRST_PASS, THOROUGH_SECOND_PASS)
            if is_run(one, markers)
        ]
        assert passes_of_it, item.nodeid


@pytest.mark.parametrize(
    ("markers", "expected"),
    [
        ({"serverless"}, [FIRST_PASS]),
        ({"indirect"}, [SECOND_PASS, THOROUGH_FIRST_PASS]),
        ({"indirect", "browser"}, [SECOND_PASS]),
        ({"thorough", "browser", "indirect"}, [THOROUGH_SECOND_PASS]),
        ({"thorough"}, [THOROUGH_SECOND_PASS]),
    ],
)
def test_what_is_left_out_of_make_test_is_run_by_make_thorough(
    markers: set[str], expected: list[str]
) -> None:
    passes_ = [FIRST_PASS, SECOND_PASS, THOROUGH_FIRST_PASS, THOROUGH_SECOND_PASS]
    assert [one for one in passes_ if is_run(one, markers)] == expected


def test_what_asks_the_database_or_the_cache_is_run_by_both() -> None:
    for markers in ({"django_db"}, {"cached"}):
        assert is_run(FIRST_PASS, markers)
        assert is_run(SECOND_PASS, markers)


def test_what_asks_neither_is_marked_and_nothing_else(request: pytest.FixtureRequest) -> None:
    mark_for_passes([request.node])
    assert request.node.get_closest_marker("serverless")
    named = {item.name: item for item in request.session.items if item.fspath == __file__}
    assert not named["test_this_one_asks_the_database"].get_closest_marker("serverless")


def test_what_goes_round_the_whole_site_is_of_pages() -> None:
    folder = Path(__file__).parent
    assert all((folder / name).exists() for name in passes._SITE)


def test_modules_are_compiled_once_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in run_tests._environment()


@pytest.mark.django_db
def test_this_one_asks_the_database(django_assert_num_queries: object) -> None:
    assert django_assert_num_queries


def test_what_one_pass_alone_runs_may_not_ask_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(AsksTheCache, match="one asks the cache for counter: mark it `cached`"),
        refuse_cache(monkeypatch, "one"),
    ):
        cache.get("counter")


def test_not_even_where_whoever_asks_forgives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgive() -> None:
        with pytest.raises(AsksTheCache):
            cache.get("counter")

    with pytest.raises(AsksTheCache), refuse_cache(monkeypatch, "one"):
        forgive()


def test_the_fence_stands_around_this_test() -> None:
    assert BaseCache.make_and_validate_key.__module__ == "tests.passes"


@pytest.mark.cached
def test_and_around_no_test_that_is_marked_for_it() -> None:
    assert BaseCache.make_and_validate_key.__module__ == "django.core.cache.backends.base"


@pytest.mark.xdist_group("together")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="It runs in one process.")
def test_tests_of_a_group_are_kept_in_one_process(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@together")
