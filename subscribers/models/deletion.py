"""Whoever is deleted is told of beforehand, in whichever way it is done, and of many at once.

Django's pre_delete comes once for each row, and all that must be done for somebody who is deleted
would be asked of the database as often.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import models, transaction
from django.dispatch import Signal

# Sent with `subscribers`, at most TOLD_AT_ONCE rows, in the transaction that deletes them, before
# anything of them or that hangs on them is gone.
deletion_begins = Signal()
TOLD_AT_ONCE = 500
_told: ContextVar[frozenset[int]] = ContextVar("told", default=frozenset())
_Row = TypeVar("_Row", bound=models.Model)


class AnnouncedQuerySet(models.QuerySet[_Row]):
    """Rows whose deletion is told of together."""

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db), _announce(list(self)):
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined] # as Django marks its own
    delete.queryset_only = True  # type: ignore[attr-defined]


def on_row_deleted(sender: Any, instance: models.Model, **_: Any) -> None:
    """Django's pre_delete: a row that is deleted by itself, or that came to the others late."""
    if instance.pk not in _told.get():
        deletion_begins.send(sender, subscribers=[instance])


@contextmanager
def _announce(rows: Sequence[models.Model]) -> Iterator[None]:
    """Tell of these; within, none of them is told of again."""
    for start in range(0, len(rows), TOLD_AT_ONCE):
        some = rows[start : start + TOLD_AT_ONCE]
        deletion_begins.send(type(some[0]), subscribers=some)
    token = _told.set(_told.get() | {row.pk for row in rows})
    try:
        yield
    finally:
        _told.reset(token)
