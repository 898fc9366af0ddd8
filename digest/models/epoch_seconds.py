"""A moment as seconds since 1970: tens of thousands of rows are read in half the time.

The database counts them, which takes less than to make a number of what it gives.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FloatField, Func
from django.db.models.sql.compiler import SQLCompiler


class EpochSeconds(Func):
    """The column's moment as `datetime.timestamp` has it, to the last digit; None where it is."""

    arity = 1
    output_field: FloatField[float, float] = FloatField()

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:  # noqa: ARG002
        """None: to make a float of a float costs as much as to read it."""
        return []

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        template = "EXTRACT(EPOCH FROM %(expressions)s)::float8"
        return super().as_sql(compiler, connection, template=template)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        # A moment's text, in UTC: 2026-04-22 09:30:00.250000.
        whole = "CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INTEGER)"
        part = "CAST('0' || substr(%(expressions)s, 20) AS REAL)"
        return super().as_sql(compiler, connection, template=f"({whole} + {part})")
