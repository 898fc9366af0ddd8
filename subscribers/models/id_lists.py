"""A lookup for many ids at once: `filter(pk__any_of=ids)` finds what `pk__in` finds.

On PostgreSQL the ids are sent as one array. With `in` each is a value of its own, which Django
prepares and the driver looks for in the statement: some 20 microseconds of CPU for each of them,
which was a third of what it cost to compose for a subscriber.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

SLICE = 500


def cut_ids(ids: Iterable[int]) -> Iterator[list[int]]:
    """The ids in their order, SLICE at most at a time; for rows each of which is read once a run.

    Of thousands at once PostgreSQL would read a table of some ten thousand rows from end to end.
    Neighbours stand in the same pages, so that in their order they take half the work.
    """
    ordered = iter(sorted(ids))
    while some := list(islice(ordered, SLICE)):
        yield some


@Field.register_lookup
@ForeignObject.register_lookup
class AnyOf(In):
    """`In`, for whole numbers alone; a set of them is prepared faster than a list."""

    lookup_name = "any_of"

    def get_prep_lookup(self) -> list[int]:
        """Raises ValueError or TypeError for what is no number."""
        return list(map(int, self.rhs))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        """Raises EmptyResultSet without any id, as `In` does: then nothing is asked."""
        if not self.rhs:
            raise EmptyResultSet
        left, values = self.process_lhs(compiler, connection)
        # As text: the driver would look at each of them to find out of which type the array is.
        return f"{left} = ANY(%s::bigint[])", [*values, f"{{{','.join(map(str, self.rhs))}}}"]
