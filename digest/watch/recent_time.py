"""The service's time for what only says that somebody is there: read twice a minute by a process.

Who is due, and what is late, is never told by it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.watch import clock

KEPT_SECONDS = 30.0


@dataclass(frozen=True)
class _Reading:
    now: datetime
    at: float  # of the monotonic clock, which nobody can set


_last: list[_Reading] = []


def read_recent_now() -> datetime:
    """The service's time as this process read it within KEPT_SECONDS, moved on since."""
    at = time.monotonic()
    if not _last or not 0.0 <= at - _last[0].at < KEPT_SECONDS:
        _last[:] = [_Reading(clock.read_now(), at)]
    return _last[0].now + timedelta(seconds=at - _last[0].at)


def forget_recent_now() -> None:
    """As in a process that has just begun."""
    _last.clear()
