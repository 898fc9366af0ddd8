"""When a worker last answered, as the cache remembers it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisIsGone

from digest.watch import heartbeat
from tests.factories import NOW

pytestmark = pytest.mark.cached


def test_the_last_answer_is_remembered() -> None:
    heartbeat.note_answer(NOW)
    assert heartbeat.read_last_answer() == NOW


def test_nobody_has_answered_before_anybody_was_woken() -> None:
    cache.clear()
    assert heartbeat.read_last_answer() is None


def test_a_redis_that_is_away_stops_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisIsGone

    monkeypatch.setattr(cache, "set", fail)
    monkeypatch.setattr(cache, "get", fail)
    heartbeat.note_answer(NOW)
    assert heartbeat.read_last_answer() is None
