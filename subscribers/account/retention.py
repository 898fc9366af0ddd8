"""How long what is known of people is kept, and the part of it that concerns their own rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from subscribers.account.address import delete_subscribers
from subscribers.models import Departure, Subscriber

LEFT_KEPT_FOR = timedelta(days=30)
CONTENTS_KEPT_FOR = timedelta(days=180)
EVENTS_KEPT_FOR = timedelta(days=30)
CLEARING_MS = 1_000  # that writers of SQLite wait at most while its journal is emptied
AT_ONCE = 500  # what is left waits for the next call


def forget_unsubscribed(now: datetime) -> int:
    """Delete whoever unsubscribed 30 days ago with all their data; returns how many.

    A keyed hash stays, so that no list which somebody imports brings them back.
    """
    left = Subscriber.objects.filter(
        status=Subscriber.Status.UNSUBSCRIBED, unsubscribed_at__lt=now - LEFT_KEPT_FOR
    )
    # Who has asked to come back waits for their answer, or is forgotten with their wish.
    gone = list(left.filter(wishes={}).order_by("unsubscribed_at")[:AT_ONCE])
    for subscriber in gone:
        Departure.objects.note(subscriber.email, subscriber.unsubscribed_at or now)
    delete_subscribers(gone)
    return len(gone)


def clear_journal() -> None:
    """Empty SQLite's write-ahead log, which goes on holding what was deleted; nothing elsewhere.

    Where somebody reads for longer than that it is left for the next call.
    https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        [usual] = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout={CLEARING_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={int(usual)}")
