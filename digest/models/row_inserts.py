"""Write many new rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert these rows, all of one model, and give each its primary key.

    On PostgreSQL by COPY: Django's bulk_create sends each column as an array, for which every
    quotation mark in a JSON value is escaped twice. No signal is sent; call it in a transaction.
    """
    if not rows:
        return
    if connection.vendor != "postgresql":
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
            for row in rows:
                copy.write_row([_prepare_value(row, field) for field in fields])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _prepare_value(row: Model, field: Field[Any, Any]) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


def _take_keys(cursor: Any, rows: Sequence[Model]) -> None:
    meta = rows[0]._meta
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
        [meta.db_table, meta.pk.column, len(rows)],
    )
    for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
        row.pk = key
