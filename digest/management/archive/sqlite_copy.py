"""Copying a SQLite database out of its file and back into it, by SQLite's own backup interface.

Either way other processes may go on meanwhile: what is read is of one moment, and what is written
is there as a whole or not at all. https://www.sqlite.org/backup.html
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from digest.management.archive.manifest import ArchiveError, Query

BUSY_SECONDS = 60.0


def copy_out(database: Path, copy: Path) -> None:
    """Write the database as it is at one moment into a new file."""
    with closing(_connect(database)) as source, closing(_connect(copy)) as target:
        # All in one step where others write: between two they would begin it anew.
        source.backup(target, pages=-1)


def copy_in(copy: Path, database: Path) -> None:
    """Replace all that is in the database. Raises ArchiveError, and changes nothing, where not."""
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(_connect(copy)) as source:
            [(verdict,)] = source.execute("PRAGMA quick_check(1)").fetchall()
            if verdict != "ok":
                raise ArchiveError(f"The database in this backup is damaged: {verdict}")
            with closing(_connect(database)) as target:
                source.backup(target, pages=-1)
    except sqlite3.Error as error:
        raise ArchiveError(
            f"SQLite could not put the backup in place ({error}). Stop `make run`, the workers and "
            "the web server, and try again: nothing has changed."
        ) from error


def open_query(database: Path) -> tuple[Query, Callable[[], None]]:
    """How to ask the rows of a copy, and how to end that."""
    opened = _connect(database)

    def query(statement: str) -> list[tuple[Any, ...]]:
        return opened.execute(statement).fetchall()

    return query, opened.close


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_SECONDS)
