"""What time it is for all machines: the database server's clock, so that a worker's own may err.

SQLite has no server: then it is this machine's clock, and all processes are on it anyway.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.dispatch import Signal
from django.utils import timezone

# Sent before a task reads the time: whoever watches for a clock that was set does so first, and may
# hand back what the database's clock showed.
time_asked = Signal()


def read_database_time() -> datetime:
    """The present by the database server's clock, in UTC, also within a transaction."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def read_now() -> datetime:
    """The present for tasks of subscribers: the same moment that web processes write down.

    Requests that wait are moved first where the clock was set (digest/watch/waiting_moments.py).
    """
    answers: list[tuple[Any, Any]] = time_asked.send(None)
    for _, moment in answers:
        if isinstance(moment, datetime):  # whoever watches has just asked for it
            return moment.astimezone(UTC)
    return read_database_time()
