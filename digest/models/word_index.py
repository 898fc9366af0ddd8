"""The index of the papers' words, which Django knows no model for: made after every `migrate`.

On SQLite it is a table of its own kind, which triggers keep like the rows it was made from.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

WORDS = "string_to_array(title || abstract || names, ' ')"  # as digest/match/word_index.py asks
_POSTGRESQL = (
    f"CREATE INDEX IF NOT EXISTS digest_paperwords_index ON digest_paperwords USING gin (({WORDS}))"
)
_COLUMNS = ("title", "abstract", "names")
# What words are made of besides letters and digits: 4.5, c++, c#, author:ada, cat:q-bio.nc.
_SIGNS = "'.+#:_-'"
_MAKE_TABLE = (
    f"CREATE VIRTUAL TABLE digest_paperwords_index USING fts5({', '.join(_COLUMNS)},"
    " content='digest_paperwords', content_rowid='paper_id',"
    f' tokenize="ascii tokenchars {_SIGNS}")'
)
_FILL_TABLE = "INSERT INTO digest_paperwords_index (digest_paperwords_index) VALUES ('rebuild')"


def install_word_index(using: str = "default", **_signal: Any) -> None:
    """Make what is missing of it; for the signal post_migrate."""
    connection = connections[using]
    if "digest_paperwords" not in connection.introspection.table_names():
        return  # migrated back to before there was any
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
            return
        for statement in _list_missing(connection):
            cursor.execute(statement)


def _list_missing(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master")
        there = {name for (name,) in cursor.fetchall()}
    statements = [s for name, s in _list_triggers().items() if name not in there]
    if "digest_paperwords_index" not in there:
        return [_MAKE_TABLE, _FILL_TABLE, *statements]
    # A trigger that was away: what it missed is read anew.
    return [*statements, _FILL_TABLE] if statements else []


def _list_triggers() -> dict[str, str]:
    """https://www.sqlite.org/fts5.html#external_content_tables has them."""
    columns = ", ".join(_COLUMNS)
    old, new = (", ".join(f"{row}.{name}" for name in _COLUMNS) for row in ("OLD", "NEW"))
    forget = (
        f"INSERT INTO digest_paperwords_index (digest_paperwords_index, rowid, {columns})"
        f" VALUES ('delete', OLD.paper_id, {old});"
    )
    add = f"INSERT INTO digest_paperwords_index (rowid, {columns}) VALUES (NEW.paper_id, {new});"
    actions = {"insert": add, "delete": forget, "update": forget + add}
    return {
        f"digest_paperwords_{event}": (
            f"CREATE TRIGGER digest_paperwords_{event} AFTER {event.upper()} ON digest_paperwords"
            f" BEGIN {action} END"
        )
        for event, action in actions.items()
    }
