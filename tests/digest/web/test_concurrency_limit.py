"""Costly answers come one after another, and nobody queues for long."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisIsGone

from digest.web import concurrency_limit
from digest.web.concurrency_limit import limit_concurrency
from tests.running import PATIENCE_SECONDS

pytestmark = pytest.mark.cached


def test_whoever_comes_second_is_told_so_and_the_next_one_has_a_turn_again() -> None:
    with limit_concurrency() as is_first, limit_concurrency() as is_second:
        assert (is_first, is_second) == (True, False)
    with limit_concurrency() as is_free:
        assert is_free


def test_another_process_that_has_its_turn_is_waited_for_by_one_alone() -> None:
    cache.add(concurrency_limit._KEY, True)
    with limit_concurrency(0.01) as is_ours:
        assert not is_ours
    waiting = threading.Timer(0.05, cache.delete, [concurrency_limit._KEY])
    waiting.start()
    with limit_concurrency(PATIENCE_SECONDS) as is_ours:
        assert is_ours
    waiting.join()
    with (
        concurrency_limit._queue,
        limit_concurrency(PATIENCE_SECONDS) as is_first,
        limit_concurrency(PATIENCE_SECONDS) as is_second,
    ):
        assert (is_first, is_second) == (True, False)


def test_whoever_takes_too_long_leaves_the_next_one_their_turn() -> None:
    with limit_concurrency() as is_ours:
        assert is_ours
        cache.set(concurrency_limit._KEY, "of another process")  # after ten seconds
    assert cache.get(concurrency_limit._KEY) == "of another process"
    cache.delete(concurrency_limit._KEY)


def test_without_the_cache_a_process_still_takes_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise RedisIsGone

    monkeypatch.setattr(cache, "add", gone)
    monkeypatch.setattr(cache, "get", gone)
    with limit_concurrency() as is_first, limit_concurrency() as is_second:
        assert (is_first, is_second) == (True, False)
    with limit_concurrency() as is_free:
        assert is_free
