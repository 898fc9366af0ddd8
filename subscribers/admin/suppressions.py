"""The mailboxes that must not be mailed: known by a keyed hash alone, and found by an address."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget

from subscribers import mailboxes
from subscribers.admin.lists import WHOLE_NAME_CHARS, ListAdmin, column, tidy_term
from subscribers.admin.staff_log import NamelessLog
from subscribers.models import Suppression
from subscribers.web.fields import AddressField


class SuppressForm(forms.ModelForm):  # type: ignore[type-arg]
    """Asks for the address, and keeps the hash of its mailbox."""

    email = AddressField(
        label=gettext_lazy("Email address"),
        help_text=gettext_lazy(
            "It is not kept, only a hash that tells every spelling of its mailbox."
        ),
        error_messages={"required": gettext_lazy("Type the address that shall not be mailed.")},
    )

    class Meta:
        model = Suppression
        fields: ClassVar[list[str]] = ["email"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "email" in self.fields:
            self.fields["email"].widget = UnfoldAdminEmailInputWidget()

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        self.instance.fingerprint = mailboxes.hash_mailbox(email)
        if row := Suppression.objects.filter(fingerprint=self.instance.fingerprint).first():
            raise ValidationError(
                _("This mailbox is suppressed already (%(reason)s).") % {"reason": row.reason}
            )
        return email


@admin.register(Suppression)
class SuppressionAdmin(NamelessLog, ListAdmin):
    """Adding one suppresses the mailbox, deleting it lifts that; nothing else can be changed."""

    form = SuppressForm
    list_display = ["fingerprint", "why", "created_at"]
    list_filter = ["reason"]
    filter_titles = {"reason": gettext_lazy("Why nothing is mailed to it")}
    search_fields = ["fingerprint"]
    search_help_text = gettext_lazy("A whole address: only hashes are kept")
    sortable_by = ["created_at"]

    @column(
        gettext_lazy("Reason"),
        colors={"bounce": "warning", "complaint": "danger", "manual": "info"},
    )
    def why(self, suppression: Suppression) -> tuple[str, str]:
        return suppression.reason, suppression.get_reason_display().lower()

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[str]:  # noqa: ARG002
        return ["fingerprint", "reason", "created_at"] if obj else ["email"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By a whole address, in whatever spelling, or by part of a hash."""
        if "@" in search_term:
            found = Suppression.objects.about(tidy_term(search_term, WHOLE_NAME_CHARS))
            return queryset.filter(pk__in=found), False
        return super().get_search_results(request, queryset, search_term)

    def has_change_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:  # noqa: ARG002
        return False
