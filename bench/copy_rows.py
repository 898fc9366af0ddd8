"""Many rows at once: by COPY on PostgreSQL, which is how rows get in that nobody would wait for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.fields import NOT_PROVIDED

ROWS_AT_ONCE = 500  # where there is no COPY


def copy_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows with these columns (`pk` and foreign keys as `…_id`); defaults for all others.

    No signal is sent and nothing checked but what the database checks.
    """
    by_name = {field.attname: field for field in model._meta.local_fields}
    fields = [by_name[name] for name in names]
    others = [f for f in model._meta.local_fields if f.attname not in names and _needs_value(f)]
    columns = [str(field.column) for field in (*fields, *others)]
    rest = [_prepare_value(f, f.get_default()) for f in others]
    jsons = [place for place, f in enumerate(fields) if isinstance(f, JSONField)]
    _write_rows(model._meta.db_table, columns, _complete_rows(rows, jsons, rest))
    reset_sequence(model)


def _needs_value(field: Field[Any, Any]) -> bool:
    """Whether the database would miss it: it makes keys and its own defaults itself."""
    return not field.primary_key and field.db_default is NOT_PROVIDED


def _complete_rows(
    rows: Iterable[Sequence[Any]], jsons: Sequence[int], rest: Sequence[Any]
) -> Iterator[list[Any]]:
    for row in rows:
        whole = [*row, *rest]
        for place in jsons:
            if not isinstance(whole[place], str):
                whole[place] = json.dumps(whole[place])
        yield whole


def _prepare_value(field: Field[Any, Any], value: Any) -> Any:
    return json.dumps(value) if isinstance(field, JSONField) else value


def _write_rows(table: str, columns: Sequence[str], rows: Iterator[list[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        insert = f'INSERT INTO "{table}" ({names}) VALUES ({places})'
        while some := [[_adapt(value) for value in row] for row in islice(rows, ROWS_AT_ONCE)]:
            cursor.executemany(insert, some)


def _adapt(value: Any) -> Any:
    """As Django has SQLite take it: moments are compared there as text."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value.hex if hasattr(value, "bytes_le") else value


def reset_sequence(model: type[Model]) -> None:
    """Let the next row that Django writes get a key above those written here."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def analyze_tables() -> None:
    """Let the planner know what is there, as autovacuum would have by then."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def finish_writing() -> None:
    """Wait until all that was written is on the disk.

    Else the server's processes and the kernel go on with it for a minute, beside what is measured
    next: after three million rows that alone made composing seem nearly twice as dear.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
    os.sync()
