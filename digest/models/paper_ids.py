"""The ids of a delivery's papers, taken out of its contents by the database.

A delivery's contents are some thousand characters, its ids a hundred: whoever asks which papers
thousands of deliveries hold reads no more than these.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, JSONField
from django.db.models.fields.json import KeyTransform
from django.db.models.sql.compiler import SQLCompiler


class PaperIds(Func):
    """A list of the ids of the papers in a column of contents, in their order; [] without any."""

    arity = 1
    output_field = JSONField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        template = "jsonb_path_query_array(%(expressions)s, '$.papers[*].id')"
        return super().as_sql(compiler, connection, template=template)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        template = (
            "(SELECT json_group_array(json_extract(value, '$.id'))"
            " FROM json_each(%(expressions)s, '$.papers'))"
        )
        return super().as_sql(compiler, connection, template=template)


def pick_from_contents(*keys: str) -> KeyTransform:
    """What stands under these keys of a delivery's contents, one within the other.

    For `values_list` and functions. As the name contents__papers, Django looks for such a field
    first and keeps the error, and with it the frames of all that called it and what they hold.
    """
    first, *deeper = keys
    picked = KeyTransform(first, "contents")
    for key in deeper:
        picked = KeyTransform(key, picked)
    return picked
