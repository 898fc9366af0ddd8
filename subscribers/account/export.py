"""Everything we hold about a subscriber, as they take it with them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from subscribers.models import Mailbox, Subscriber, Suppression
from subscribers.signup.letter_limits import fingerprint

ABOUT = "Everything Offprint holds about this address. Times are in UTC."


def everything(subscriber: Subscriber) -> dict[str, Any]:
    """The subscriber's row, every row that hangs on it, and what is kept by address alone.

    Rows of whatever app: what is added later is in here from its first day.
    """
    held: dict[str, Any] = {"about": ABOUT, "subscriber": _row(subscriber)}
    for relation in subscriber._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{relation.field.name: subscriber})
        rows = rows.select_related().order_by("pk")
        held[str(relation.related_model._meta.verbose_name_plural)] = [
            _row(row, leaving_out=relation.field.name) for row in rows
        ]
    suppressions = Suppression.objects.filter(email=subscriber.email)
    mailboxes = Mailbox.objects.filter(fingerprint=fingerprint(subscriber.email))
    held["suppressions"] = [_row(row) for row in suppressions]
    held["mailboxes"] = [_row(row) for row in mailboxes]
    return held


def _row(row: Model, leaving_out: str = "") -> dict[str, Any]:
    """A row's own columns; what it points to is said in words."""
    said: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or field.name == leaving_out:
            continue
        value = getattr(row, field.name)
        said[field.name] = str(value) if isinstance(value, Model) else value
    return said
