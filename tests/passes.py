"""Which pass of `make test` runs a test: the first on SQLite, the second on real servers, or both.

Both run what asks the database or the cache, since those answer differently there. What asks
neither is run by the first alone, and so is the sample, which is for SQLite on one machine. What
drives a browser or goes through whole days is run by the second alone, and so is what is tried on
pages and in the admin: readers and staff meet PostgreSQL, and what these ask is tried on both where
the stages ask it. `pytest` by hand runs all of it wherever it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.core.cache.backends.base import BaseCache
from django.test import TransactionTestCase

# Folders, and what goes round the whole site.
_SITE = {"test_addresses.py", "test_hostile_addresses.py", "test_pages.py"}
_PAGES = {"admin", "web"} | _SITE
_DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


class AsksTheCache(AssertionError):
    """A test that one pass alone runs asked the cache, which is another one in the other pass."""


def mark_for_passes(items: Iterable[pytest.Item]) -> None:
    """Mark the tests that ask neither a database nor the cache, and those of pages that ask one."""
    for item in items:
        has_server = any(map(item.get_closest_marker, ("services", "browser", "long", "cached")))
        if _asks_database(item):
            if _PAGES & set(item.path.parts):
                item.add_marker("page")
        elif not has_server:
            item.add_marker("serverless")


def _asks_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    case = getattr(item, "cls", None)
    is_django_case = isinstance(case, type) and issubclass(case, TransactionTestCase)
    is_marked = item.get_closest_marker("django_db") is not None
    return is_marked or is_django_case or bool(fixtures & _DATABASE_FIXTURES)


@contextmanager
def refuse_cache(monkeypatch: pytest.MonkeyPatch, test: str) -> Iterator[None]:
    """Fail with AsksTheCache where the cache is asked, even if whoever asked forgives it."""
    asked: list[str] = []

    def refuse(_cache: BaseCache, key: str, version: int | None = None) -> str:
        del version
        asked.append(key)
        raise AsksTheCache(f"{test} asks the cache for {key}: mark it `cached`.")

    monkeypatch.setattr(BaseCache, "make_and_validate_key", refuse)
    yield
    if asked:
        raise AsksTheCache(f"{test} asks the cache for {asked[0]}: mark it `cached`.")
