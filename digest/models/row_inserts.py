"""Write many new rows at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db import connection, connections
from django.db.models import Field, JSONField, Model

ESCAPES = (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"))
NULL = r"\N"


def insert_rows(model: type[Model], columns: Mapping[str, Sequence[Any]]) -> list[int]:
    """Insert as many rows as each of the columns, of one length, has values; their keys, in order.

    A column goes by its name in the database (`edition_id`), one of JSON is text that was written
    already. What is not named has its default in each row. Call it in a transaction, for that of
    SQLite keeps others from writing; no signal is sent.

    On PostgreSQL by COPY: Django's bulk_create sends each column as an array, for which every
    quotation mark in a JSON value is escaped twice. No object is made for a row: that costs more
    than to write it.
    """
    count = len(next(iter(columns.values()), ()))
    if not count:
        return []
    meta = model._meta
    keys = _take_keys(model, count)
    values: dict[str, Sequence[Any]] = {cast(str, meta.pk.column): keys}
    for field in meta.concrete_fields:
        if field is meta.pk:
            continue
        own = columns.get(field.attname) or _list_defaults(field, count)
        if own[0] is not None or field.attname in columns:
            values[cast(str, field.column)] = _prepare_column(field, own)
    write = _copy_rows if connection.vendor == "postgresql" else _insert_rows
    write(meta.db_table, values)
    return keys


def _list_defaults(field: Field[Any, Any], count: int) -> Sequence[Any]:
    if isinstance(field, JSONField):
        return [json.dumps(field.get_default())] * count
    if callable(field.default):
        return [field.get_default() for _ in range(count)]
    return [field.get_default()] * count


def _prepare_column(field: Field[Any, Any], values: Sequence[Any]) -> Sequence[Any]:
    """The field's values as the database takes them; where all rows have the same, once for all."""
    if isinstance(field, JSONField):
        return values
    own = connections[connection.alias]  # asked for every value, the one of the thread costs more
    if all(value is values[0] for value in values):
        return [field.get_db_prep_save(values[0], own)] * len(values)
    return [field.get_db_prep_save(value, own) for value in values]


def _copy_rows(table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    quote = connection.ops.quote_name
    statement = f"COPY {quote(table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    texts = [_write_column(values) for values in columns.values()]
    lines = map("\t".join, zip(*texts, strict=True))
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.cursor.copy(statement) as copy,
    ):
        copy.write("".join([f"{line}\n" for line in lines]))


def _write_column(values: Sequence[Any]) -> list[str]:
    """The values as COPY reads them."""
    if all(value is values[0] for value in values):
        return [_write_value(values[0])] * len(values)
    return [_write_value(value) for value in values]


def _write_value(value: Any) -> str:
    if value is None:
        return NULL
    text = str(value)
    for character, escaped in ESCAPES:
        if character in text:
            text = text.replace(character, escaped)
    return text


def _insert_rows(table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    quote = connection.ops.quote_name
    names, places = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        statement = f"INSERT INTO {quote(table)} ({names}) VALUES ({places})"
        cursor.executemany(statement, list(zip(*columns.values(), strict=True)))


def _take_keys(model: type[Model], count: int) -> list[int]:
    """So many keys that no other row has or will get."""
    meta = model._meta
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # In a subquery: else the sequence's name is looked up for each row.
            cursor.execute(
                "SELECT nextval(name) FROM generate_series(1, %s), (SELECT"
                " pg_get_serial_sequence(%s, %s)::regclass AS name OFFSET 0) AS sequence",
                [count, meta.db_table, meta.pk.column],
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        row = cursor.fetchone()
        last = int(row[0]) if row else 0
        return list(range(last + 1, last + 1 + count))
