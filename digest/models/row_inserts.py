"""Write many new rows at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from django.db import connection, connections
from django.db.models import Field, Model


def insert_rows(rows: Sequence[Model], **texts: Sequence[str]) -> None:
    """Insert these rows, all of one model, and give each its primary key.

    `texts` has for a JSON column what each row is to hold, as text that was written already; the
    rows themselves need not hold it.

    On PostgreSQL by COPY: Django's bulk_create sends each column as an array, for which every
    quotation mark in a JSON value is escaped twice. No signal is sent; call it in a transaction.
    """
    if not rows:
        return
    if connection.vendor != "postgresql":
        for name, column in texts.items():
            for row, text in zip(rows, column, strict=True):
                setattr(row, name, json.loads(text))
        type(rows[0])._base_manager.bulk_create(rows)
        return
    meta = rows[0]._meta
    fields = meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(cast(str, field.column)) for field in fields)
    table = connection.ops.quote_name(meta.db_table)
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        _take_keys(cursor, rows)
        with cursor.cursor.copy(statement) as copy:
            values = [texts.get(field.name) or _prepare_column(rows, field) for field in fields]
            for row_values in zip(*values, strict=True):
                copy.write_row(row_values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _prepare_column(rows: Sequence[Model], field: Field[Any, Any]) -> list[Any]:
    """The field's values as the database takes them; where all rows have the same, once for all."""
    own = connections[connection.alias]  # asked for every value, the one of the thread costs more
    values = [field.pre_save(row, add=True) for row in rows]
    if all(value is values[0] for value in values):
        return [field.get_db_prep_save(values[0], own)] * len(rows)
    return [field.get_db_prep_save(value, own) for value in values]


def _take_keys(cursor: Any, rows: Sequence[Model]) -> None:
    meta = rows[0]._meta
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
        [meta.db_table, meta.pk.column, len(rows)],
    )
    for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
        row.pk = key
