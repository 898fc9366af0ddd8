"""When workers last answered beat's calls: a sign that beat, the broker and a worker all run.

Each queue is asked for itself, since a worker may look into some only, or be held up in one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from subscribers import forgiving_cache

SILENT = timedelta(minutes=3)  # six calls that nobody answered
_ANSWERED = "digest.answered_at."


def note_answer(queue: str, now: datetime) -> None:
    """Say that a worker looks into the queue; lost where Redis is away, and said again soon."""
    forgiving_cache.write_value(_ANSWERED + queue, now, None)


def read_answers(queues: Iterable[str]) -> dict[str, datetime | None]:
    """When each queue was last looked into; None where it never was, or Redis has forgotten it."""
    keys = {queue: _ANSWERED + queue for queue in queues}
    moments = forgiving_cache.read_values(keys.values())
    return {queue: moments.get(key) for queue, key in keys.items()}


def find_silent(queues: Iterable[str], now: datetime) -> list[str]:
    """The queues that no worker has looked into for SILENT."""
    answers = read_answers(queues)
    return [queue for queue, moment in answers.items() if not moment or moment < now - SILENT]
