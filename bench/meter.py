"""What a piece of work costs: seconds, CPU here and in PostgreSQL, queries, rows, WAL, memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from bench.machine import find_parent, read_family_cpu, read_own_cpu, read_peak_mb


@dataclass
class Cost:
    """All in seconds, bytes and counts; None where it could not be measured here."""

    wall: float = 0.0
    client: float = 0.0  # CPU of this process, and of children that ended
    database: float | None = None  # CPU of all processes of PostgreSQL
    queries: int = 0
    rows: int = 0  # inserted, updated and deleted
    wal: int = 0
    peak_mb: float = 0.0

    @property
    def cpu(self) -> float:
        """Client and database together."""
        return self.client + (self.database or 0.0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@contextmanager
def measure_cost() -> Iterator[Cost]:
    """Fill the cost in when the block ends. Nothing else may use the database meanwhile.

    What it takes to look at the database, some milliseconds, is none of the cost: this process's
    clocks are read last before the block, and first behind it.
    """
    cost, count = Cost(), _QueryCount()
    rows, wal = _read_database_counts()
    database = read_database_cpu()
    began, client = time.monotonic(), read_own_cpu()
    with connection.execute_wrapper(count):
        yield cost
    cost.client, cost.wall = read_own_cpu() - client, time.monotonic() - began
    used = read_database_cpu()
    if used is not None and database is not None:
        cost.database = used - database
    rows_after, wal_after = _read_database_counts()
    cost.queries, cost.rows, cost.wal = count.queries, rows_after - rows, wal_after - wal
    cost.peak_mb = read_peak_mb()


class _QueryCount:
    """Counts what Django sends; a COPY is not among it."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.queries += 1
        return execute(*args)


def _read_database_counts() -> tuple[int, int]:
    if connection.vendor != "postgresql":
        return 0, 0
    with connection.cursor() as cursor:
        # Counts of rows are told to others once a second, or when asked for.
        if connection.pg_version >= 150000:  # type: ignore[attr-defined]
            cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT tup_inserted + tup_updated + tup_deleted, "
            "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') "
            "FROM pg_stat_database WHERE datname = current_database()"
        )
        rows, wal = cursor.fetchone()
        return int(rows), int(wal)


def read_database_cpu() -> float | None:
    """CPU seconds of all of PostgreSQL's processes; None where it does not run on this machine."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        postmaster = find_parent(int(cursor.fetchone()[0]))
    return read_family_cpu(postmaster) if postmaster else None
