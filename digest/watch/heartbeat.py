"""When a worker last answered beat's call: it needs both, and the broker between them."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache

_ANSWERED = "digest.answered_at"


def note_answer(now: datetime) -> None:
    cache.set(_ANSWERED, now, timeout=None)


def answered_at() -> datetime | None:
    """None where no worker was ever woken, or Redis has forgotten it."""
    moment = cache.get(_ANSWERED)
    return moment if isinstance(moment, datetime) else None
