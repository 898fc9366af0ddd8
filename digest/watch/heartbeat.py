"""When a worker last answered beat's call: it needs both, and the broker between them."""

from __future__ import annotations

from datetime import datetime

from subscribers import forgiving_cache

_ANSWERED = "digest.answered_at"


def note_answer(now: datetime) -> None:
    """Say that a worker answered; lost where Redis is away, and said again in a minute."""
    forgiving_cache.write_value(_ANSWERED, now, None)


def answered_at() -> datetime | None:
    """None where no worker was ever woken, or Redis has forgotten it or is away."""
    moment = forgiving_cache.read_value(_ANSWERED)
    return moment if isinstance(moment, datetime) else None
