"""Tokens of the management API: made here, shown once, and ended by deleting them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from digest.admin.columns import ago
from digest.models import ManagementToken
from digest.models.management_tokens import SCOPES
from subscribers.admin.act_forms import make_date_widget
from subscribers.admin.lists import ListAdmin, column


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """What it is for, what it may do, and until when."""

    scopes = forms.MultipleChoiceField(
        choices=[
            (name, format_lazy("{} ({})", scope.said, name)) for name, scope in SCOPES.items()
        ],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("It never does what you yourself may not do."),
        error_messages={"required": gettext_lazy("Tick at least one thing that it may do.")},
    )
    ends_on = forms.DateField(
        required=False,
        widget=make_date_widget(),
        help_text=gettext_lazy(
            "It is of no use from this day on, in UTC. Empty: until you delete it."
        ),
    )

    class Meta:
        model = ManagementToken
        fields: ClassVar[list[str]] = ["name", "scopes"]

    def clean_ends_on(self) -> datetime | None:
        day = self.cleaned_data["ends_on"]
        if day and day <= timezone.now().date():
            raise ValidationError(_("This day is not in the future. Choose a later one."))
        return datetime.combine(day, time(), UTC) if day else None


@admin.register(ManagementToken)
class ManagementTokenAdmin(ListAdmin):
    """Each operator sees their own; whoever may do everything sees all. None is changed later."""

    form = TokenForm
    list_display = ["name", "hint", "owner", "may", "made", "used", "ends"]
    list_select_related = ["owner"]
    sortable_by: list[str] = []
    search_fields = ["name", "hint"]
    search_help_text = gettext_lazy("Part of its name, or how it begins")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ManagementToken]:
        rows: QuerySet[ManagementToken] = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(owner=request.user.pk)

    def has_change_permission(
        self, request: HttpRequest, obj: ManagementToken | None = None
    ) -> bool:
        is_allowed: bool = super().has_change_permission(request, obj)
        return is_allowed and obj is None

    def get_fields(self, request: HttpRequest, obj: ManagementToken | None = None) -> list[str]:  # noqa: ARG002
        if obj is None:
            return ["name", "scopes", "ends_on"]
        return ["name", "hint", "owner", "may", "made", "used", "ends"]

    @column(gettext_lazy("May"))
    def may(self, token: ManagementToken) -> str:
        return ", ".join(token.scopes)

    @column(gettext_lazy("Made"))
    def made(self, token: ManagementToken) -> str:
        return ago(token.created_at)

    @column(gettext_lazy("Last used"))
    def used(self, token: ManagementToken) -> str:
        return ago(token.last_used_at) if token.last_used_at else _("never")

    @column(gettext_lazy("Ends"))
    def ends(self, token: ManagementToken) -> str:
        if token.expires_at is None:
            return _("when it is deleted")
        is_over = token.expires_at <= timezone.now()
        said = _("ended %(day)s") if is_over else _("on %(day)s")
        return said % {"day": date_format(token.expires_at, "d M Y")}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        """One button: the next page shows the secret, and nothing else may come before it."""
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().render_change_form(request, context, *args, **kw)

    @sensitive_variables("secret")
    def save_model(self, request: Any, obj: ManagementToken, form: Any, change: bool) -> None:
        """Make the secret, which stands nowhere but in the answer to this request."""
        secret = obj.set_new_secret()
        obj.owner, obj.created_at = request.user, timezone.now()
        obj.expires_at = form.cleaned_data["ends_on"]
        super().save_model(request, obj, form, change)
        request.new_secret = secret

    def response_add(
        self, request: Any, obj: ManagementToken, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        """Show the secret, this once."""
        context = self.admin_site.each_context(request) | {
            "title": _("Your new token"),
            "token": obj,
            "secret": request.new_secret,
            "site_address": settings.SITE_URL,
        }
        answer = render(request, "admin/new_token.html", context)
        answer["Cache-Control"] = "no-store, private"
        return answer
