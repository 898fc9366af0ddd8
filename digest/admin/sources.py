"""Sources, and the three things one can tell them: now, stop, resume."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminURLInputWidget

from digest.admin.columns import ago, describe_span, link
from digest.admin.new_source import NO_ADDRESS, show_new_source
from digest.admin.opml_upload import show_opml_upload
from digest.admin.source_health import attach_days, describe_health, render_health
from digest.ingest.source_acts import ACTS
from digest.ingest.sources.addresses import explain_inner_address
from digest.ingest.sources.opml import Outline, write_opml
from digest.models import URL_CHARS, Source
from digest.watch import source_age
from subscribers.admin.lists import ReferencedAdmin, SentenceForm, column
from subscribers.admin.staff_log import note_act

State = Source.State
STATE_COLORS = {
    State.NEW.value: "info",
    State.HEALTHY.value: "success",
    State.PARTIAL.value: "warning",
    State.EMPTY.value: "default",
    State.STALE.value: "warning",
    State.FAILING.value: "danger",
    State.STOPPED.value: "default",
}


_BUTTONS = {
    "ask_now": gettext_lazy("Ask now"),
    "stop": gettext_lazy("Stop asking"),
    "resume": gettext_lazy("Resume"),
}


class SourceForm(SentenceForm):
    sentences = {
        "source_weight_is_positive": gettext_lazy("The weight must be above 0; 1 is ordinary.")
    }
    url = forms.URLField(
        label=gettext_lazy("Address"),
        max_length=URL_CHARS,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        error_messages={"invalid": NO_ADDRESS},
    )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if not url.startswith(("http://", "https://")):
            raise ValidationError(
                _("Only addresses that begin with http:// or https:// are asked.")
            )
        if reason := explain_inner_address(url):
            raise ValidationError(reason)
        return url


@admin.register(Source)
class SourceAdmin(ReferencedAdmin):
    form = SourceForm
    referring = "entries"  # one that brought some is stopped, not deleted
    list_display = [
        "title",
        "condition",
        "health",
        "sentence",
        "fetched",
        "next_fetch",
    ]
    list_filter = ["state", "kind", "is_active"]
    filter_titles = {
        "state": gettext_lazy("What its last poll came to"),
        "kind": gettext_lazy("In which form it brings papers"),
        "is_active": gettext_lazy("Is it asked?"),
    }
    search_fields = ["title", "url"]
    search_help_text = gettext_lazy("Part of a title or an address")
    ordering = ("title", "pk")
    actions = ["ask_now", "stop", "resume"]
    readonly_fields = [
        "state_said",
        "health",
        "days",
        "sentence",
        "last_error",
        "failures",
        "last_fetched_at",
        "last_new_at",
        "next_fetch_at",
        "moved",
        "fresh",
    ]
    fieldsets = [
        (None, {"fields": ["title", ("kind", "weight"), "url", "is_active"]}),
        (
            gettext_lazy("The last poll"),
            {"fields": ["state_said", "sentence", "last_error", "moved", "fresh"]},
        ),
        (gettext_lazy("Thirty days"), {"fields": ["health", "days"]}),
        (
            gettext_lazy("Times"),
            {"fields": [("last_fetched_at", "next_fetch_at"), ("last_new_at", "failures")]},
        ),
    ]

    change_form_outer_before_template = "admin/source_acts.html"
    list_before_template = "admin/source_lists.html"

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view(require_POST(self.perform_act))
        opml = self.admin_site.admin_view(self.serve_opml)
        upload = self.admin_site.admin_view(self.show_upload)
        own = [
            path("opml/", opml, name="digest_source_opml"),
            path("opml/upload/", upload, name="digest_source_opml_upload"),
            path("<int:source_id>/act/<str:name>/", act, name="digest_source_act"),
        ]
        return [*own, *super().get_urls()]

    def serve_opml(self, request: HttpRequest) -> HttpResponse:
        """The active sources for a feed reader."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        active = Source.objects.filter(is_active=True).order_by("title", "pk")
        written = write_opml([Outline(source.url, source.title) for source in active])
        answer = HttpResponse(written, content_type="text/x-opml")
        answer["Content-Disposition"] = 'attachment; filename="sources.opml"'
        return answer

    def show_upload(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return show_opml_upload(request, self.admin_site.each_context(request))

    def perform_act(self, request: HttpRequest, source_id: int, name: str) -> HttpResponse:
        """What the buttons on a source's page do: the actions of the list, for this one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        acts = {"ask_now": self.ask_now, "stop": self.stop, "resume": self.resume}
        rows = Source.objects.filter(pk=source_id)
        if name not in acts or not rows.exists():
            raise Http404
        acts[name](request, rows)
        return HttpResponseRedirect(reverse("admin:digest_source_change", args=[source_id]))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            attach_days(changes.result_list, timezone.now().date())
        return response

    def get_object(self, *args: Any, **kwargs: Any) -> Source | None:
        source: Source | None = super().get_object(*args, **kwargs)
        if source:
            attach_days([source], timezone.now().date())
        return source

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        if (source := kw.get("obj")) and self.has_change_permission(request):
            names = ["ask_now", "stop"] if source.is_active else ["resume"]
            context["source_acts"] = [(name, _BUTTONS[name]) for name in names]
        return super().render_change_form(request, context, *args, **kw)

    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return show_new_source(request, self.admin_site.each_context(request))

    @column(gettext_lazy("State"), colors=STATE_COLORS)
    def condition(self, source: Source) -> tuple[str, str]:
        """What the last poll came to; it goes stale by itself when nobody asks any more."""
        if source_age.is_silent(source, timezone.now()):
            return State.FAILING.value, _("not asked")
        return source.state, source.get_state_display().lower()

    @column(gettext_lazy("State"))
    def state_said(self, source: Source) -> str:
        return self.condition(source)[1].capitalize()

    @column(gettext_lazy("Thirty days"))
    def health(self, source: Source) -> SafeString:
        return render_health(source)

    @column(gettext_lazy("In words"))
    def days(self, source: Any) -> str:
        return describe_health(source.thirty_days)

    @column(gettext_lazy("In a sentence"))
    def sentence(self, source: Source) -> str:
        return source_age.describe_source(source, timezone.now())

    @column(gettext_lazy("Last fetch"))
    def fetched(self, source: Source) -> str:
        return ago(source.last_fetched_at)

    @column(gettext_lazy("Next fetch"))
    def next_fetch(self, source: Source) -> str:
        if not source.is_active:
            return _("never")
        now = timezone.now()
        if source_age.is_silent(source, now):
            due_at = source.next_fetch_at
            late = describe_span(now - due_at) if due_at else ""
            return _("overdue for %(span)s") % {"span": late} if late else _("overdue")
        is_due = source.next_fetch_at is None or source.next_fetch_at <= now
        return _("within a minute") if is_due else ago(source.next_fetch_at)

    @column(gettext_lazy("Moved to"))
    def moved(self, source: Source) -> str:
        if not source.moved_to:
            return _("It answers where it is.")
        return link(
            source.moved_to,
            _("%(moved_to)s (%(moved_times)s times so far)")
            % {"moved_to": source.moved_to, "moved_times": source.moved_times},
        )

    @column(gettext_lazy("Newest list"))
    def fresh(self, source: Source) -> str:
        """arXiv's freshness is judged per category."""
        never = _("not yet")
        lists = [
            f"{category}: {said.get('listed_on') or never}"
            for category, said in sorted(source.freshness.items())
            if isinstance(said, dict)
        ]
        return ", ".join(lists) or "–"

    @admin.action(description=gettext_lazy("Ask now"), permissions=["change"])
    def ask_now(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._perform(request, "poll", queryset)

    @admin.action(description=gettext_lazy("Stop asking"), permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._perform(request, "pause", queryset)

    @admin.action(description=gettext_lazy("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._perform(request, "resume", queryset)

    def _perform(self, request: HttpRequest, name: str, queryset: QuerySet[Source]) -> None:
        act = ACTS[name]
        done = act.perform(queryset, timezone.now())
        note_act(request, done, act.noted)
        said = [act.describe_done(len(done))]
        if left := queryset.count() - len(done):
            alone = ngettext(
                "%(count)s source left alone: %(why)s",
                "%(count)s sources left alone: %(why)s",
                left,
            )
            said.append(alone % {"count": left, "why": act.obstacle})
        messages.success(request, " ".join(said))
