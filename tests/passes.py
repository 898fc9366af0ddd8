"""Which pass of `make test` runs a test: the first on SQLite, the second on real servers, or both.

Both run what asks the database or the cache in the stages' own rooms, since those answer
differently there. What asks neither is run by the first alone, and so is the sample, which is for
SQLite on one machine. What drives a browser or goes through whole days is run by the second alone,
and so is what asks the database by way of the stages: pages, the admin, commands, sign-up. `make
thorough` runs these on SQLite too, and what shows the same in yet another way, such as every page
in the dark. `pytest` by hand runs all of it wherever it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.core.cache.backends.base import BaseCache
from django.test import TransactionTestCase

# Folders and files whose tests ask the database by way of the stages.
_SITE = {"test_addresses.py", "test_hostile_addresses.py", "test_hostile.py", "test_pages.py"}
_BY_WAY_OF_STAGES = _SITE | {"admin", "management", "render", "suggest", "web"}
_BY_WAY_OF_STAGES |= {"account", "signup", "topics"}  # of subscribers
# What these try is the answers of providers, or how the stages go together.
_BY_WAY_OF_STAGES |= {"test_send.py", "test_provider_words.py", "test_webhooks_campaign.py"}
_BY_WAY_OF_STAGES |= {"test_clock_campaign.py", "test_doubts.py", "flight", "bench"}
_BY_WAY_OF_STAGES |= {"test_doubt_list.py", "test_restore_drill.py"}
_BY_WAY_OF_STAGES |= {"test_body_limit.py", "test_logging_setup.py", "track", "feedback"}
# What every page asks the cache for, whatever a test is about: it is tested where it is kept.
_OF_EVERY_PAGE = ("cpu:", "odd-proxies")
_DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


class AsksTheCache(AssertionError):
    """A test that one pass alone runs asked the cache, which is another one in the other pass."""


def mark_for_passes(items: Iterable[pytest.Item]) -> None:
    """Mark the tests that ask neither database nor cache, and those that ask by the stages."""
    for item in items:
        has_server = any(map(item.get_closest_marker, ("services", "browser", "long", "cached")))
        if _asks_database(item):
            if _BY_WAY_OF_STAGES & set(item.path.parts) and not is_for_one_machine(item):
                item.add_marker("indirect")
        elif not has_server:
            item.add_marker("serverless")


def is_for_one_machine(item: pytest.Item) -> bool:
    return item.get_closest_marker("one_machine") is not None


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
    make_key = BaseCache.make_and_validate_key

    def refuse(cache: BaseCache, key: str, version: int | None = None) -> str:
        if key.startswith(_OF_EVERY_PAGE):
            return make_key(cache, key, version=version)
        asked.append(key)
        raise AsksTheCache(f"{test} asks the cache for {key}: mark it `cached`.")

    monkeypatch.setattr(BaseCache, "make_and_validate_key", refuse)
    yield
    if asked:
        raise AsksTheCache(f"{test} asks the cache for {asked[0]}: mark it `cached`.")
