"""A moment as seconds since 1970: tens of thousands of rows are read in half the time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FloatField, Func
from django.db.models.sql.compiler import SQLCompiler


class _Seconds(FloatField):  # type: ignore[type-arg]
    """What SQLite gives for a moment is a naive one, in UTC."""

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        return [_count_seconds] if connection.vendor == "sqlite" else []


def _count_seconds(moment: datetime | None, *_: Any) -> float | None:
    return moment.replace(tzinfo=UTC).timestamp() if moment else None


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
        return super().as_sql(compiler, connection, template="%(expressions)s")
