"""What providers reported in the last thirty days, and the domains that are left alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.admin.columns import ago, link
from digest.models import DomainPause, ProviderEvent, Verdict
from subscribers.admin.lists import ReadOnlyAdmin, column

VERDICT_COLORS = {
    Verdict.HARD.value: "danger",
    Verdict.COMPLAINT.value: "danger",
    Verdict.LEFT.value: "warning",
    Verdict.SOFT.value: "warning",
    Verdict.BLOCKED.value: "warning",
    Verdict.OURS.value: "warning",
    Verdict.ARRIVED.value: "success",
    Verdict.NONE.value: "default",
}


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    list_display = ["came", "provider", "reader", "judged", "said", "effect", "mail"]
    list_filter = ["verdict", "effect", "provider"]
    filter_titles = {
        "verdict": gettext_lazy("What it says of the mailbox"),
        "effect": gettext_lazy("What followed from it"),
        "provider": gettext_lazy("Which provider reported it"),
    }
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email__startswith", "event_id__exact", "domain__exact"]
    search_help_text = gettext_lazy(
        "The beginning of an address, a whole domain, or the provider's id"
    )
    sortable_by = []
    fields = [
        ("provider", "event_id"),
        ("kind", "verdict"),
        "said",
        ("happened_at", "received_at"),
        "effect",
        ("subscriber", "delivery"),
        ("message_id", "domain"),
    ]

    @column(gettext_lazy("Came"))
    def came(self, event: ProviderEvent) -> str:
        return ago(event.received_at)

    @column(gettext_lazy("Subscriber"))
    def reader(self, event: ProviderEvent) -> str:
        return event.subscriber.email if event.subscriber else _("deleted since")

    @column(gettext_lazy("It says"), colors=VERDICT_COLORS)
    def judged(self, event: ProviderEvent) -> tuple[str, str]:
        return event.verdict, event.get_verdict_display()

    @column(gettext_lazy("Delivery"))
    def mail(self, event: ProviderEvent) -> SafeString | str:
        if event.delivery_id is None:
            return "–"
        return link(reverse("admin:digest_delivery_change", args=[event.delivery_id]), _("show it"))


@admin.register(DomainPause)
class DomainPauseAdmin(ReadOnlyAdmin):
    list_display = ["domain", "state", "reason", "paused_at", "until"]
    ordering = ("-until",)
    sortable_by = []
    fields = ["domain", ("paused_at", "until"), "reason"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whoever has settled it with the domain lets its mail go on at once."""
        return bool(request.user.has_perm("digest.delete_domainpause"))

    @column(gettext_lazy("State"))
    def state(self, pause: DomainPause) -> str:
        now = timezone.now()
        return (
            _("nothing is sent, %(until)s again") % {"until": ago(pause.until)}
            if pause.until > now
            else _("over")
        )
