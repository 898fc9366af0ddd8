"""Exports all that is stored about a subscriber, for themselves."""

from __future__ import annotations

from collections.abc import Sequence
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
    return export_subscribers([subscriber])[0]


def export_subscribers(subscribers: Sequence[Subscriber]) -> list[dict[str, Any]]:
    """The same of each of them, at the queries of one."""
    held: dict[int, dict[str, Any]] = {
        one.pk: {"about": ABOUT, "subscriber": _dump_row(one)} for one in subscribers
    }
    for relation in Subscriber._meta.related_objects:
        column = relation.field
        name = str(relation.related_model._meta.verbose_name_plural)
        rows = relation.related_model._base_manager.filter(**{f"{column.name}__in": subscribers})
        for of_one in held.values():
            of_one[name] = []
        for row in rows.select_related().order_by("pk"):
            said = _dump_row(row, leaving_out=column.name)
            held[getattr(row, column.attname)][name].append(said)
    emails = [one.email for one in subscribers]
    suppressions = Suppression.objects.list_about(emails)
    mailboxes = mailbox_limits.list_counts(emails)
    for one in subscribers:
        held[one.pk]["suppressions"] = [_dump_row(row) for row in suppressions[one.email]]
        held[one.pk]["mailboxes"] = [_dump_row(row) for row in mailboxes[one.email]]
    return list(held.values())


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
