"""Without a Redis every value is missing, and nothing fails for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisIsGone

from subscribers import forgiving_cache
from tests.outdated_cache import write_outdated_entry

pytestmark = pytest.mark.cached


@pytest.fixture(params=[RedisIsGone("no route"), ConnectionRefusedError("refused")])
def outage(request: Any, monkeypatch: pytest.MonkeyPatch) -> Exception:
    def fail(*_: Any, **__: Any) -> None:
        raise request.param

    for name in ("get", "get_many", "set", "set_many", "add", "delete", "incr"):
        monkeypatch.setattr(cache, name, fail)
    error: Exception = request.param
    return error


def test_what_is_written_is_read_until_it_is_deleted() -> None:
    forgiving_cache.write_value("paper", 1, 60)
    forgiving_cache.write_values({"topic": 2, "source": 3}, None)
    assert forgiving_cache.read_value("paper") == 1
    assert forgiving_cache.read_values(["topic", "source", "unknown"]) == {"topic": 2, "source": 3}
    forgiving_cache.delete_value("paper")
    assert forgiving_cache.read_value("paper") is None
    assert forgiving_cache.describe_outage() == ""


def test_a_value_is_added_once() -> None:
    assert forgiving_cache.add_value("turn", "mine", 60) is True
    assert forgiving_cache.add_value("turn", "yours", 60) is False
    assert forgiving_cache.read_value("turn") == "mine"


def test_a_counter_counts_from_one() -> None:
    assert [forgiving_cache.increment_counter("asked", 60) for _ in range(3)] == [1, 2, 3]


def test_a_counter_that_runs_out_while_it_is_counted_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache, "add", lambda *_: True)
    assert forgiving_cache.increment_counter("asked", 60) is None


def test_without_a_redis_all_is_missing_and_nothing_fails(outage: Exception) -> None:
    forgiving_cache.write_value("paper", 1, 60)
    forgiving_cache.write_values({"topic": 2}, 60)
    forgiving_cache.delete_value("paper")
    assert forgiving_cache.read_value("paper") is None
    assert forgiving_cache.read_instance("paper", int) is None
    assert forgiving_cache.read_values(["topic"]) == {}
    assert forgiving_cache.add_value("turn", "mine", 60) is None
    assert forgiving_cache.increment_counter("asked", 60) is None
    assert forgiving_cache.describe_outage() == str(outage)


def test_an_outage_without_words_is_named_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RedisIsGone

    monkeypatch.setattr(cache, "get", fail)
    assert forgiving_cache.describe_outage() == "ConnectionError"


def test_an_instance_is_read_and_nothing_that_is_of_another_class() -> None:
    forgiving_cache.write_value("day", date(2026, 4, 22), 60)
    assert forgiving_cache.read_instance("day", date) == date(2026, 4, 22)
    assert forgiving_cache.read_instance("day", str) is None
    assert forgiving_cache.read_instance("unknown", date) is None


def test_an_entry_whose_class_has_gone_is_a_miss() -> None:
    write_outdated_entry("day")
    with pytest.raises(ModuleNotFoundError):
        cache.get("day")
    assert forgiving_cache.read_instance("day", date) is None
    forgiving_cache.write_value("day", date(2026, 4, 22), 60)
    assert forgiving_cache.read_instance("day", date) == date(2026, 4, 22)


@pytest.mark.parametrize("error", forgiving_cache.UNREADABLE)
def test_an_entry_that_cannot_be_unpickled_is_a_miss(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise error("of another release")

    monkeypatch.setattr(cache, "get", fail)
    assert forgiving_cache.read_instance("day", date) is None


def test_an_hour_is_new_once_for_each_key() -> None:
    now = datetime(2026, 4, 22, 9, 59, tzinfo=UTC)
    hours = [now, now, now + timedelta(minutes=1), now + timedelta(minutes=30)]
    assert [forgiving_cache.is_new_hour("swept", hour) for hour in hours] == [
        *(True, False, True, False)
    ]
    assert forgiving_cache.is_new_hour("pruned", now)


@pytest.mark.usefixtures("outage")
def test_without_a_cache_every_hour_is_new() -> None:
    now = datetime(2026, 4, 22, 9, 59, tzinfo=UTC)
    assert forgiving_cache.is_new_hour("swept", now)
    assert forgiving_cache.is_new_hour("swept", now)
