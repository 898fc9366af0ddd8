"""One process migrates a database at a time; on PostgreSQL, by an advisory lock.

Several replicas that start together all call `manage.py migrate`: the first does the work, the
others wait for it and find nothing left to do. The lock belongs to the connection, so it goes with
a process that dies. (It needs a session of its own: no pgbouncer in transaction mode between.)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.backends.base.base import BaseDatabaseWrapper

LOCK = 0x0FF9417  # any number that is nobody else's in this database
LONGEST_WAIT = timedelta(minutes=10)
POLL_SECONDS = 0.5


class StillMigrating(Exception):
    """Another process holds the lock for too long; the message says what to look at."""


@contextmanager
def hold_migration_lock(
    connection: BaseDatabaseWrapper,
    say: Callable[[str], object],
    longest_wait: timedelta = LONGEST_WAIT,
) -> Iterator[None]:
    """Hold the lock for the length of a block; `say` is told once where it has to be waited for.

    Raises StillMigrating. On SQLite, which lets one writer in at a time, nothing is locked.
    """
    if connection.vendor != "postgresql":
        yield
        return
    _wait_for_lock(connection, say, longest_wait)
    try:
        yield
    finally:
        _ask_database(connection, "SELECT pg_advisory_unlock(%s)")


def _wait_for_lock(
    connection: BaseDatabaseWrapper, say: Callable[[str], object], longest_wait: timedelta
) -> None:
    minutes = longest_wait / timedelta(minutes=1)
    deadline = time.monotonic() + longest_wait.total_seconds()
    if _take_lock(connection):
        return
    say(f"Another process migrates this database: waiting for it, {minutes:g} minutes at most.")
    while not _take_lock(connection):
        if time.monotonic() > deadline:
            raise StillMigrating(
                f"Another process has been migrating this database for {minutes:g} minutes. See "
                "what it does (pg_stat_activity), and run `manage.py migrate` again."
            )
        time.sleep(POLL_SECONDS)


def _take_lock(connection: BaseDatabaseWrapper) -> bool:
    return _ask_database(connection, "SELECT pg_try_advisory_lock(%s)")


def _ask_database(connection: BaseDatabaseWrapper, question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [LOCK])
        [answer] = cursor.fetchone()
    return bool(answer)
