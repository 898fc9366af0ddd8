"""A moment as seconds since 1970: tens of thousands of rows are read in half the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FloatField, Func
from django.db.models.sql.compiler import SQLCompiler


class _Seconds(FloatField):  # type: ignore[type-arg]
    """What SQLite gives for a moment is its text, in UTC: 2026-04-22 09:30:00.250000."""

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        return [_count_seconds] if connection.vendor == "sqlite" else []


def _count_seconds(moment: str | None, *_: Any) -> float | None:
    if not moment:
        return None
    minutes = 60 * int(moment[11:13]) + int(moment[14:16])
    return _count_seconds_to(moment[:10]) + 60 * minutes + float(moment[17:])


@lru_cache(1_000)
def _count_seconds_to(day: str) -> int:
    return int(datetime.combine(date.fromisoformat(day), time(), UTC).timestamp())


class EpochSeconds(Func):
    """The column's moment as `datetime.timestamp` has it, to the last digit; None where it is."""

    arity = 1
    output_field = _Seconds()

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        """Only the field's: to make a float of a float costs as much as to read it."""
        return list(self.output_field.get_db_converters(connection))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        template = "EXTRACT(EPOCH FROM %(expressions)s)::float8"
        return super().as_sql(compiler, connection, template=template)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        # Not the bare column, of which each moment would be made a datetime before.
        return super().as_sql(compiler, connection, template="(%(expressions)s || '')")
