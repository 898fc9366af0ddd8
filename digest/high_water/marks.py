"""The numbers of calls as they are kept outside the database: a file in VAR_DIR, and Redis.

Each installation has marks of its own, named by the id in its database. A mark only goes up. Where
one of the two places is lost the other one still tells; where a place cannot be written to, the log
says so and the call is made all the same.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

from subscribers.forgiving_cache import UNREACHABLE

logger = logging.getLogger(__name__)

REDIS_NAMES = "offprint.high_water"  # the ids of all installations that have a mark there
REDIS_SECONDS = 2.0  # for an answer: a call does not wait longer for its mark
# A file is safe from a dying process at once, from a dying machine within a second. A backup that
# was made in that very second has all marks but those.
SYNC_SECONDS = 1.0
# Raises a field of a hash, and notes when, unless it is as high already.
_RAISE = """
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0') < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'noted_at', ARGV[3]) end
  redis.call('SADD', KEYS[2], ARGV[4])
end
"""
_synced_at: dict[Path, float] = {}


@dataclass(frozen=True)
class Marks:
    """The highest number of each slot that was ever promised, and when the last of them was."""

    numbers: Mapping[int, int] = field(default_factory=dict)
    noted_at: datetime | None = None

    def join(self, other: Marks) -> Marks:
        """The higher of both in every slot."""
        slots = self.numbers.keys() | other.numbers.keys()
        numbers = {s: max(self.numbers.get(s, 0), other.numbers.get(s, 0)) for s in slots}
        moments = [at for at in (self.noted_at, other.noted_at) if at]
        return Marks(numbers, max(moments, default=None))


def read_marks(installation: UUID) -> Marks:
    """What was promised for this database; without numbers where no mark is left of it."""
    return _read_file(find_file(installation)).join(_read_redis(installation))


def raise_marks(installation: UUID, marks: Marks) -> None:
    """Let the marks be at least as high as these, in every place that can be written to."""
    try:
        _raise_file(find_file(installation), marks)
    except OSError as error:
        logger.warning("The file of the high-water mark cannot be written: %s", error)
    if find_redis():
        try:
            _raise_redis(installation, marks)
        except UNREACHABLE as error:
            logger.warning("The high-water mark could not be noted in Redis: %s", error)


def find_strangers(installation: UUID) -> list[str]:
    """The ids of other databases that have marks in our places, in order."""
    names = {path.stem for path in find_folder().glob("*.json")}
    if find_redis():
        with suppress(*UNREACHABLE):
            members: Any = _open_redis().smembers(REDIS_NAMES)
            names |= {name.decode() for name in members}
    return sorted(names - {str(installation)})


def describe_places() -> str:
    """Where the marks are, for a sentence."""
    return f"{find_folder()}{' and Redis' if find_redis() else ''}"


def _read_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# -- the file --------------------------------------------------------------------------------------


def find_folder() -> Path:
    return Path(settings.HIGH_WATER_DIR)


def find_file(installation: UUID) -> Path:
    return find_folder() / f"{installation}.json"


def _read_file(path: Path) -> Marks:
    try:
        stored = json.loads(path.read_text())
        numbers = {int(slot): int(number) for slot, number in stored["numbers"].items()}
        return Marks(numbers, _read_moment(stored["noted_at"]))
    except FileNotFoundError:
        return Marks()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        logger.error("The high-water mark in %s cannot be read: %s", path, error)
        return Marks()


def _raise_file(path: Path, marks: Marks) -> None:
    """Replace the file as a whole, one process at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path.with_suffix(".lock")):
        joined = _read_file(path).join(marks)
        stored = {
            "numbers": {str(slot): number for slot, number in sorted(joined.numbers.items())},
            "noted_at": joined.noted_at.isoformat() if joined.noted_at else None,
        }
        partial = path.with_suffix(".partial")
        with partial.open("w") as file:
            json.dump(stored, file)
            if time.monotonic() - _synced_at.get(path, -SYNC_SECONDS) >= SYNC_SECONDS:
                file.flush()
                os.fsync(file.fileno())
                _synced_at[path] = time.monotonic()
        partial.replace(path)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# -- Redis -----------------------------------------------------------------------------------------


def find_redis() -> str:
    """The address of the Redis that the cache is in; "" where there is none."""
    return str(settings.CACHES["default"].get("LOCATION", "")) if settings.REDIS_URL else ""


def _open_redis() -> redis.Redis:
    return _connect(find_redis())


@lru_cache(maxsize=4)
def _connect(url: str) -> redis.Redis:
    timeouts = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    return redis.Redis.from_url(url, **timeouts)


def _name_hash(installation: UUID) -> str:
    return f"{REDIS_NAMES}:{installation}"


def _read_redis(installation: UUID) -> Marks:
    if not find_redis():
        return Marks()
    try:
        stored: Any = _open_redis().hgetall(_name_hash(installation))
        noted_at = stored.pop(b"noted_at", None)
        numbers = {int(slot): int(number) for slot, number in stored.items()}
        return Marks(numbers, _read_moment(noted_at.decode() if noted_at else None))
    except UNREACHABLE as error:
        logger.warning("The high-water mark in Redis cannot be asked for: %s", error)
    except ValueError as error:
        logger.error("The high-water mark in Redis cannot be read: %s", error)
    return Marks()


def _raise_redis(installation: UUID, marks: Marks) -> None:
    noted_at = marks.noted_at.isoformat() if marks.noted_at else ""
    pipeline = _open_redis().pipeline(transaction=False)
    for slot, number in marks.numbers.items():
        names = (_name_hash(installation), REDIS_NAMES)
        pipeline.eval(_RAISE, len(names), *names, slot, number, noted_at, str(installation))
    pipeline.execute()
