"""When a worker last answered beat's call: a sign that beat, the broker and a worker all run."""

from __future__ import annotations

from datetime import datetime

from subscribers import forgiving_cache

_ANSWERED = "digest.answered_at"


def note_answer(now: datetime) -> None:
    """Say that a worker answered; lost where Redis is away, and said again in a minute."""
    forgiving_cache.write_value(_ANSWERED, now, None)


def read_last_answer() -> datetime | None:
    """When a worker last answered; None where none ever did, or Redis has forgotten it."""
    moment = forgiving_cache.read_value(_ANSWERED)
    return moment if isinstance(moment, datetime) else None
