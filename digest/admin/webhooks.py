"""Webhooks: addresses of others that hear of subscribers, whether they take it, and a test."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminURLInputWidget

from digest.admin.columns import ago
from digest.ingest.sources.addresses import explain_inner_address
from digest.models import Webhook, WebhookPost
from digest.watch import clock
from digest.webhooks.post import WAITS, make_test_event, send_event
from subscribers.admin.lists import ListAdmin, column
from subscribers.admin.staff_log import note_act
from subscribers.admin.story import list_lines

SHOWN = 20
STATE_COLORS = {"takes": "success", "refuses": "danger", "new": "info", "off": "default"}


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Hears when"),
        choices=Webhook.Kind,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": gettext_lazy("Tick at least one thing that it hears of.")},
    )

    class Meta:
        model = Webhook
        fields: ClassVar[list[str]] = ["name", "url", "kinds", "is_active"]
        widgets: ClassVar[dict[str, Any]] = {"url": UnfoldAdminURLInputWidget}

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if reason := explain_inner_address(url):
            raise ValidationError(reason)
        return url


@admin.register(Webhook)
class WebhookAdmin(ListAdmin):
    """What each is told stands on its page, by the subscriber's number."""

    form = WebhookForm
    list_display = ["name", "url", "state", "hears", "taken", "last_error"]
    ordering = ("name", "pk")
    sortable_by: list[str] = []
    search_fields = ["name"]
    search_help_text = gettext_lazy("Part of a name")
    readonly_fields = ["secret", "standing", "taken", "last_error", "posts"]
    fieldsets = [
        (None, {"fields": ["name", "url", "kinds", "is_active"]}),
        (gettext_lazy("What it proves itself by"), {"fields": ["secret"]}),
        (gettext_lazy("How it goes"), {"fields": ["standing", "taken", "last_error", "posts"]}),
    ]
    change_form_outer_before_template = "admin/webhook_test.html"

    def get_fieldsets(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        """The secret is for those who may change it: whoever has it can pass for us."""
        if obj is None:
            return self.fieldsets[:1]
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return [one for one in self.fieldsets if "secret" not in one[1]["fields"]]

    def get_urls(self) -> list[Any]:
        test = self.admin_site.admin_view(require_POST(self.send_test))
        own = path("<int:webhook_id>/test/", test, name="digest_webhook_test")
        return [own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        context["may_test"] = bool(kw.get("obj")) and self.has_change_permission(request)
        return super().render_change_form(request, context, *args, **kw)

    def save_model(self, request: Any, obj: Webhook, form: Any, change: bool) -> None:
        """What waited for an address that was off is old: it hears of what comes now."""
        if not change:
            obj.created_at = timezone.now()
        elif "is_active" in form.changed_data and obj.is_active:
            WebhookPost.objects.waiting().filter(webhook=obj).update(next_try_at=None)
        super().save_model(request, obj, form, change)

    def send_test(self, request: HttpRequest, webhook_id: int) -> HttpResponse:
        """Post an event about nobody, at once and once, and say whether it was taken."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        webhook, now = get_object_or_404(Webhook, pk=webhook_id), clock.read_now()
        error = send_event(webhook, *make_test_event(now), now)
        note_act(request, [webhook], _("Sent a test"))
        if error:
            messages.error(
                request,
                _("%(name)s did not take the test. %(error)s")
                % {"name": webhook.name, "error": error},
            )
        else:
            messages.success(request, _("%(name)s took the test.") % {"name": webhook.name})
        return HttpResponseRedirect(reverse("admin:digest_webhook_change", args=[webhook.pk]))

    @column(gettext_lazy("State"), colors=STATE_COLORS)
    def state(self, webhook: Webhook) -> tuple[str, str]:
        if not webhook.is_active:
            return "off", _("off")
        if webhook.failed_at:
            return "refuses", _("refuses, last %(failed_at)s") % {
                "failed_at": ago(webhook.failed_at)
            }
        return ("takes", _("takes it")) if webhook.last_taken_at else ("new", _("nothing sent yet"))

    @column(gettext_lazy("State"))
    def standing(self, webhook: Webhook) -> str:
        return self.state(webhook)[1]

    @column(gettext_lazy("Hears of"))
    def hears(self, webhook: Webhook) -> str:
        return ", ".join(webhook.kinds)

    @column(gettext_lazy("Took the last"))
    def taken(self, webhook: Webhook) -> str:
        return ago(webhook.last_taken_at)

    @column(gettext_lazy("The last it was told"))
    def posts(self, webhook: Webhook) -> SafeString:
        rows = webhook.posts.order_by("-pk")[:SHOWN]
        return list_lines([describe_post(row) for row in rows], _("Nothing yet."))


def describe_post(post: WebhookPost) -> str:
    """One post in a line."""
    said = _("%(happened_at)s UTC, %(kind)s, subscriber %(subscriber_number)s: ") % {
        "happened_at": date_format(post.happened_at, "d M H:i"),
        "kind": post.kind,
        "subscriber_number": post.subscriber_number,
    }
    if post.taken_at:
        return said + _("taken %(taken_at)s") % {"taken_at": ago(post.taken_at)}
    tries = _("%(attempts)s of %(count)s tries. %(last_error)s") % {
        "attempts": post.attempts,
        "count": len(WAITS) + 1,
        "last_error": post.last_error,
    }
    if post.next_try_at is None:
        return said + _("given up after %(tries)s") % {"tries": tries}
    return said + (
        _("again %(next_try_at)s, %(tries)s")
        % {"next_try_at": ago(post.next_try_at), "tries": tries}
        if post.attempts
        else _("on its way")
    )
