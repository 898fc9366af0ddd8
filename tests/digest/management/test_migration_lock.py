"""Replicas that start at once migrate a database once: one does, the others wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from digest.management import migration_lock
from digest.management.migration_lock import LOCK, hold_migration_lock
from tests.running import PATIENCE_SECONDS, wait_for

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def open_session(database: str = "") -> psycopg.Connection[Any]:
    """A session of its own with the test's server."""
    own = connection.settings_dict
    names = {"host": own["HOST"], "user": own["USER"], "dbname": database or own["NAME"]}
    return psycopg.connect(autocommit=True, **names)


@contextmanager
def another_process_migrates() -> Iterator[psycopg.Connection[Any]]:
    with open_session() as session:
        session.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield session


@pytest.fixture
def empty_database() -> Iterator[str]:
    """A database without a table, dropped afterwards; its name."""
    name = f"empty_{os.getpid()}"
    with open_session("postgres") as session:
        session.execute(f"CREATE DATABASE {name}")
        yield name
        session.execute(f"DROP DATABASE {name} WITH (FORCE)")


def start_migrate(database: str, folder: Path) -> subprocess.Popen[str]:
    own = connection.settings_dict
    url = f"postgres://{own['USER']}@{quote(str(own['HOST']), safe='')}/{database}"
    given = {"DATABASE_URL": url, "VAR_DIR": str(folder), "ENV_FILE": "", "REDIS_URL": ""}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "migrate", "--noinput"],
        cwd=ROOT,
        env=os.environ | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_of_two_processes_one_migrates_and_the_other_finds_it_done(
    empty_database: str, tmp_path: Path
) -> None:
    with open_session(empty_database) as session:
        # Both are at the lock before either may go on: they race for it.
        session.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        processes = [start_migrate(empty_database, tmp_path) for _ in range(2)]
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND query LIKE %s"
        names = [empty_database, "%pg_try_advisory_lock%"]

        def are_both_waiting() -> bool:
            row = session.execute(waiting, names).fetchone()
            return bool(row and row[0] == 2)

        wait_for(are_both_waiting, "both processes at the lock")
        session.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        said = [process.communicate(timeout=PATIENCE_SECONDS)[0] for process in processes]
        row = session.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert row.fetchone() == (0,)
    assert [process.returncode for process in processes] == [0, 0], said
    assert all("Another process migrates this database" in one for one in said)
    assert sorted("Applying digest.0001_initial" in one for one in said) == [False, True]
    assert sorted("No migrations to apply" in one for one in said) == [False, True]


def test_whoever_waits_in_vain_is_told_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    in_no_time: Any = hold_migration_lock
    monkeypatch.setattr(in_no_time.__wrapped__, "__defaults__", (timedelta(0),))
    said = StringIO()
    with another_process_migrates(), pytest.raises(CommandError, match="pg_stat_activity"):
        call_command("migrate", stdout=said)
    assert "Another process migrates this database" in said.getvalue()


def test_a_process_that_dies_leaves_no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration_lock, "POLL_SECONDS", 0.05)
    session = open_session()
    session.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    threading.Timer(0.2, session.close).start()
    with hold_migration_lock(connection, lambda _: None):
        assert session.closed


def test_the_lock_is_given_back_where_a_migration_fails() -> None:
    with suppress(ZeroDivisionError), hold_migration_lock(connection, lambda _: None):
        raise ZeroDivisionError
    with another_process_migrates() as session:
        assert not session.closed


def test_who_only_asks_does_not_wait() -> None:
    with another_process_migrates():
        call_command("migrate", plan=True, stdout=StringIO())
