"""When workers last answered, queue by queue, as the cache remembers it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisIsGone

from digest.watch import heartbeat
from tests.factories import NOW

pytestmark = pytest.mark.cached
QUEUES = ("letters", "deliver")


def test_each_queue_has_an_answer_of_its_own() -> None:
    cache.clear()
    heartbeat.note_answer("letters", NOW)
    assert heartbeat.read_answers(QUEUES) == {"letters": NOW, "deliver": None}
    assert heartbeat.find_silent(QUEUES, NOW) == ["deliver"]
    assert heartbeat.find_silent(QUEUES, NOW + timedelta(minutes=4)) == ["letters", "deliver"]


def test_a_redis_that_is_away_stops_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisIsGone

    monkeypatch.setattr(cache, "set", fail)
    monkeypatch.setattr(cache, "get_many", fail)
    heartbeat.note_answer("letters", NOW)
    assert heartbeat.find_silent(QUEUES, NOW) == ["letters", "deliver"]
