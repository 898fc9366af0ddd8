"""The audit log: which operator did what, when, to how many. It names rows, never addresses.

So nothing has to be searched for and taken out of it when somebody asks to be forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def name_row(row: Model) -> str:
    """A row as the log calls it: `subscriber 17`."""
    return f"{row._meta.verbose_name} {row.pk}"


def note_act(
    request: HttpRequest, rows: Sequence[Model], said: StrOrPromise, flag: int = CHANGE
) -> None:
    """Write one line for each row; `said` is what was done, and it ends with how many at once."""
    sentence = _("%(said)s, %(count)s at once.") if len(rows) > 1 else "%(said)s."
    user_id = request.user.pk
    assert user_id is not None  # nobody else comes here
    LogEntry.objects.bulk_create(
        [
            LogEntry(
                user_id=user_id,
                content_type=ContentType.objects.get_for_model(row),
                object_id=str(row.pk),
                object_repr=name_row(row),
                action_flag=flag,
                change_message=sentence % {"said": said, "count": len(rows)},
            )
            for row in rows
        ]
    )


class NamelessLog:
    """For the admin of rows whose text holds an address: Django's own log lines name none."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return _hide_address(super().log_addition(request, obj, message), obj)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return _hide_address(super().log_change(request, obj, message), obj)  # type: ignore[misc]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Django writes these before it deletes."""
        note_act(request, list(queryset), _("Deleted"), DELETION)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        """As Django's, with the names of the fields and of the lists, not of what is in them."""
        said: list[dict[str, Any]] = super().construct_change_message(  # type: ignore[misc]
            request, form, formsets, add
        )
        for change in said:
            for what in change.values():
                if "object" in what:
                    what["object"] = _("of theirs")
        return said


def _hide_address(entry: LogEntry, row: Model) -> LogEntry:
    entry.object_repr = name_row(row)
    entry.save(update_fields=["object_repr"])
    return entry
