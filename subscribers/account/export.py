"""Exports all that is stored about a subscriber, for themselves."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from subscribers.models import Interest, Subscriber, Suppression
from subscribers.signup import mailbox_limits

ABOUT = _("Everything Offprint holds about this address. Times are in UTC.")


def export_subscriber(subscriber: Subscriber) -> dict[str, Any]:
    """The subscriber's row, every row that refers to it, and the rows of its address.

    Rows of any app, found by their foreign keys: a model added later is exported without a change.
    """
    held: dict[str, Any] = {"about": ABOUT, "subscriber": _dump_row(subscriber)}
    for relation in subscriber._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{relation.field.name: subscriber})
        rows = rows.select_related().order_by("pk")
        held[str(relation.related_model._meta.verbose_name_plural)] = [
            _dump_row(row, leaving_out=relation.field.name) for row in rows
        ]
    suppressions = Suppression.objects.about(subscriber.email)
    mailboxes = mailbox_limits.find_counts(subscriber.email)
    held["suppressions"] = [_dump_row(row) for row in suppressions]
    held["mailboxes"] = [_dump_row(row) for row in mailboxes]
    return held


def _dump_row(row: Model, leaving_out: str = "") -> dict[str, Any]:
    """A row's own columns; a foreign key becomes the text of what it refers to."""
    said: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or field.name == leaving_out:
            continue
        value = getattr(row, field.name)
        said[field.name] = str(value) if isinstance(value, Model) else value
    if isinstance(row, Interest):
        said["topic"] = said.pop("typed") or said["topic"]  # not as somebody else spells it
    return said
