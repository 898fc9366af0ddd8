"""Who signed in to the admin and who was refused, as django-axes notes it, in our words."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from subscribers.admin.lists import ListAdmin, ReadOnlyAdmin, column

# The last is written nowhere: AXES_ENABLE_ACCESS_FAILURE_LOG is off.
admin.site.unregister([AccessAttempt, AccessLog, AccessFailureLog])


class _VisitAdmin(ReadOnlyAdmin):
    """What both lists show of a visit."""

    search_fields = ["username__exact", "ip_address__exact"]
    search_help_text = _("A whole name or network address")
    ordering = ("-attempt_time", "-pk")
    sortable_by: list[str] | None = []

    @column(_("When, in UTC"))
    def tried(self, visit: Any) -> Any:
        return visit.attempt_time

    @column(_("Name"))
    def name(self, visit: Any) -> str:
        return str(visit.username or "–")

    @column(_("From"))
    def where(self, visit: Any) -> str:
        return str(visit.ip_address or "–")

    @column(_("Browser"))
    def browser(self, visit: Any) -> str:
        return str(visit.user_agent)


@admin.register(AccessAttempt)
class RefusedSignInAdmin(_VisitAdmin):
    """Deleting a row forgets its failed tries: whoever was locked out may try again at once."""

    list_display = ["tried", "name", "where", "failures"]
    fields = ["tried", "name", "where", "failures", "browser"]

    @column(_("Failed tries in a row"))
    def failures(self, visit: Any) -> int:
        return int(visit.failures_since_start)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(ListAdmin.has_delete_permission(self, request, obj))


@admin.register(AccessLog)
class SignInAdmin(_VisitAdmin):
    list_display = ["tried", "name", "where", "until"]
    fields = ["tried", "name", "where", "until", "browser"]

    @column(_("Signed out, in UTC"))
    def until(self, visit: Any) -> Any:
        return visit.logout_time
