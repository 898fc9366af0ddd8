"""Rows that somebody else holds, for tests of who waits for whom on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import OperationalError, connection


@contextmanager
def hold_rows(locking: str, patience: str = "3s") -> Iterator[None]:
    """Another connection takes the locks of this statement, and ours waits no longer than this."""
    asked = connection.settings_dict
    where = {"host": asked["HOST"], "user": asked["USER"], "dbname": asked["NAME"]}
    with psycopg.connect(**where) as other, connection.cursor() as cursor:
        other.execute(locking)
        cursor.execute(f"SET lock_timeout = '{patience}'")
        try:
            yield
        finally:
            cursor.execute("SET lock_timeout = 0")


@contextmanager
def must_wait_for(locking: str) -> Iterator[None]:
    """What is done in the block has to wait for the locks that this statement takes elsewhere."""
    with hold_rows(locking, "200ms"), pytest.raises(OperationalError, match="lock timeout"):
        yield
