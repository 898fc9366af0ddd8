"""The cache, for values that can be worked out again: without a Redis it is only empty.

The site must stay open while Redis is away, so nothing here raises for that. What was to be read
is missing, what was to be written is lost, and `describe_outage` says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pickle import UnpicklingError
from typing import Any, TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

# A socket's own errors get past redis-py while it looks the host's name up.
UNREACHABLE = (RedisError, OSError)
# What pickle raises for a class that another release had elsewhere, or for bytes that are none of
# its own (https://docs.python.org/3/library/pickle.html#pickle.UnpicklingError names most).
UNREADABLE: tuple[type[Exception], ...] = (
    *(UnpicklingError, AttributeError, EOFError, ImportError),
    *(LookupError, TypeError, ValueError),
)

Kind = TypeVar("Kind")


def read_value(key: str) -> Any:
    """The value kept under `key`; None where there is none, or no cache."""
    with suppress(*UNREACHABLE):
        return cache.get(key)
    return None


def read_instance(key: str, kind: type[Kind]) -> Kind | None:
    """The value kept under `key` if it is of that class; None too where it cannot be read.

    An entry outlives the release that wrote it: give its key a new prefix when the class changes.
    """
    with suppress(*UNREACHABLE, *UNREADABLE):
        value = cache.get(key)
        return value if isinstance(value, kind) else None
    return None


def read_values(keys: Iterable[str]) -> dict[str, Any]:
    """The values by key, of those keys that have one."""
    with suppress(*UNREACHABLE):
        return dict(cache.get_many(keys))
    return {}


def write_value(key: str, value: Any, seconds: float | None) -> None:
    """Keep a value for so long; None means until the cache runs out of room."""
    with suppress(*UNREACHABLE):
        cache.set(key, value, seconds)


def write_values(values: Mapping[str, Any], seconds: float | None) -> None:
    """Keep several values for so long."""
    with suppress(*UNREACHABLE):
        cache.set_many(dict(values), seconds)


def add_value(key: str, value: Any, seconds: float) -> bool | None:
    """Keep a value unless the key has one: whether it was kept; None where there is no cache."""
    with suppress(*UNREACHABLE):
        return bool(cache.add(key, value, seconds))
    return None


def is_new_hour(key: str, now: datetime) -> bool:
    """Whether nobody asked under `key` in this hour yet; always, where there is no cache.

    For what needs to be done by and by, by whoever asks first.
    """
    hour = now.strftime("%Y-%m-%d %H")
    if read_value(key) == hour:
        return False
    write_value(key, hour, 3600)
    return True


def delete_value(key: str) -> None:
    """Forget the value kept under `key`, if there is one."""
    with suppress(*UNREACHABLE):
        cache.delete(key)


def increment_counter(key: str, seconds: float, by: int = 1) -> int | None:
    """Count one (or `by`) more under `key`, which lives `seconds` from its first; None without a
    cache."""
    # A counter can run out between the two calls: then incr raises ValueError.
    with suppress(*UNREACHABLE, ValueError):
        cache.add(key, 0, seconds)
        return cache.incr(key, by)
    return None


def describe_outage() -> str:
    """Why the cache does not answer, in the words of its error; "" where it does."""
    try:
        cache.get("outage")
    except UNREACHABLE as error:
        return str(error) or type(error).__name__
    return ""
