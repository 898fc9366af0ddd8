"""Subscribers, as staff see them."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminSelectWidget

from subscribers.admin import act_views, import_views, story
from subscribers.admin.act import Act
from subscribers.admin.act_forms import AddSubscriberForm, label_schedule
from subscribers.admin.acts import ACTS
from subscribers.admin.adding import add_subscriber
from subscribers.admin.filters import CohortFilter, DepartureFilter, SuppressedFilter, ZoneFilter
from subscribers.admin.lists import ListAdmin, SentenceForm, column, count_rows, tidy_term
from subscribers.admin.searching import find_subscribers
from subscribers.admin.staff_log import NamelessLog
from subscribers.admin.topic_rows import InterestInline, word_adding
from subscribers.models import Interest, Subscriber, is_suppressed
from subscribers.web.fields import list_zone_choices
from subscribers.web.next_digest import find_late_digest

STATUS_COLORS = {
    "active": "success",
    "paused": "info",
    "pending": "warning",
    "suppressed": "danger",
    "unsubscribed": "default",
}
SCHEDULE = {"cadence", "timezone", "send_hour"}


class SubscriberForm(SentenceForm):
    """The wishes that an operator may change as the subscriber could; all else is an act."""

    timezone = forms.ChoiceField(widget=UnfoldAdminSelectWidget, initial="UTC")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label_schedule(self.fields)
        choices, current = list_zone_choices(), self.instance.timezone
        names = {zone for _continent, zones in choices for zone, _name in zones}
        other = [] if current in names else [(_("As it is"), [(current, current)])]
        self.fields["timezone"].choices = [*other, *choices]  # type: ignore[attr-defined]


@admin.register(Subscriber)
class SubscriberAdmin(NamelessLog, ListAdmin):
    form = SubscriberForm
    change_form_outer_before_template = "admin/subscriber_acts.html"
    list_before_template = "admin/subscriber_lists.html"
    list_display = ["email", "state", "cadence", "zone", "followed", "next_digest"]
    list_filter = ["status", DepartureFilter, "cadence", CohortFilter, ZoneFilter, SuppressedFilter]
    filter_titles = {
        "status": gettext_lazy("Did they confirm, or leave?"),
        "cadence": gettext_lazy("How often their digest comes"),
    }
    search_fields = ["email"]
    search_help_text = gettext_lazy(
        "Part of an address, @ and a whole domain, or topic: and a topic"
    )
    sortable_by = ["email"]
    inlines = [InterestInline]
    readonly_fields = [
        "email",
        "standing",
        "consents",
        "letters",
        "asked_for",
        "learned",
        "reading_list",
    ]
    fieldsets = [
        (None, {"fields": ["email", "standing"]}),
        (
            gettext_lazy("The digest"),
            {
                "fields": [
                    ("cadence", "send_hour"),
                    ("timezone", "max_papers"),
                    "wants_near",
                    "wants_passing",
                    "wants_everywhere",
                ]
            },
        ),
        (gettext_lazy("Consent"), {"fields": ["consents", "letters"]}),
        (gettext_lazy("At sign-up"), {"fields": ["asked_for"]}),
        (gettext_lazy("What they told us of papers"), {"fields": ["learned", "reading_list"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "topics"]}),
        (
            gettext_lazy("The digest"),
            {"fields": [("cadence", "send_hour"), ("timezone", "max_papers")]},
        ),
        (gettext_lazy("Consent"), {"fields": ["consent", "agreed_on", "agreed_where"]}),
    ]

    def list_page_columns(self) -> dict[str, Any]:
        follows = Interest.objects.follows().filter(subscriber=OuterRef("pk"))
        return {
            "topic_count": count_rows(follows, "subscriber"),
            "is_suppressed": is_suppressed(),
        }

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 (Django's)
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """By a domain or a topic where the term begins so; else by an address or part of one."""
        return find_subscribers(queryset, tidy_term(search_term)), False

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> list[Any]:
        return [word_adding(one) for one in super().get_inline_formsets(*args, **kwargs)]

    @column(gettext_lazy("Status"), colors=STATUS_COLORS)
    def state(self, subscriber: Any) -> tuple[str, str]:
        if subscriber.is_suppressed:
            return "suppressed", _("suppressed")
        paused_until = subscriber.paused_until
        if subscriber.is_active and paused_until and paused_until > timezone.now():
            return "paused", _("paused")
        return subscriber.status, subscriber.get_status_display().lower()

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Of those who left, the day in the place of a next digest that will not come."""
        asked = request.GET
        are_gone = DepartureFilter.parameter_name in asked
        are_gone |= asked.get("status__exact") == Subscriber.Status.UNSUBSCRIBED
        return [*self.list_display[:-1], "left_at"] if are_gone else self.list_display

    @column(gettext_lazy("Left at, in UTC"))
    def left_at(self, subscriber: Subscriber) -> str:
        moment = subscriber.unsubscribed_at
        return date_format(moment.astimezone(UTC), "D d M Y, H:i") if moment else "–"

    @column(gettext_lazy("Time zone"))
    def zone(self, subscriber: Subscriber) -> str:
        return subscriber.timezone

    @column(gettext_lazy("Topics"))
    def followed(self, subscriber: Any) -> int:
        return int(subscriber.topic_count)

    @column(gettext_lazy("Next digest, in their zone"))
    def next_digest(self, subscriber: Subscriber) -> str:
        if not subscriber.is_active:
            return "–"
        zone, now = ZoneInfo(subscriber.timezone), timezone.now()
        if late_since := find_late_digest(subscriber, now):
            since = date_format(late_since.astimezone(zone), "D d M, H:i")
            return _("late since %(since)s") % {"since": since}
        if subscriber.paused_until and subscriber.paused_until > now:
            return _("after the pause")
        if subscriber.next_digest_at is None:
            return _("at once")
        return date_format(subscriber.next_digest_at.astimezone(zone), "D d M, H:i")

    @column(gettext_lazy("State"))
    def standing(self, subscriber: Subscriber) -> str:
        return story.describe_standing(subscriber, timezone.now())

    @column(gettext_lazy("Consent"))
    def consents(self, subscriber: Subscriber) -> SafeString:
        return story.list_lines(story.tell_consent(subscriber), _("Nothing is noted."))

    @column(gettext_lazy("Mails about the account"))
    def letters(self, subscriber: Subscriber) -> SafeString:
        return story.list_lines(story.tell_letters(subscriber), _("None."))

    @column(gettext_lazy("Asked for"))
    def asked_for(self, subscriber: Subscriber) -> SafeString:
        """The wish that waits for its confirmation."""
        waiting = story.tell_wishes(subscriber)
        return story.list_lines(waiting, _("Nothing is waiting for a confirmation."))

    @column(gettext_lazy("Learned from more and less"))
    def learned(self, subscriber: Subscriber) -> SafeString:
        """The subscriber's leanings; only they themselves can remove one."""
        rows = subscriber.standing_leanings
        return story.list_lines([f"{row.what}: {row.how}" for row in rows], _("Nothing."))

    @column(gettext_lazy("Reading list"))
    def reading_list(self, subscriber: Subscriber) -> SafeString:
        """The papers the subscriber saved last, and how many there are."""
        return story.list_lines(story.tell_reading_list(subscriber), _("Nothing."))

    def get_form(
        self, request: HttpRequest, obj: Subscriber | None = None, change: bool = False, **kw: Any
    ) -> Any:
        """Somebody new is asked for other things than somebody known."""
        if obj is None:
            kw |= {"form": AddSubscriberForm, "fields": AddSubscriberForm.Meta.fields}
        return super().get_form(request, obj, change, **kw)

    def get_fieldsets(self, request: HttpRequest, obj: Subscriber | None = None) -> Any:  # noqa: ARG002
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Subscriber | None = None) -> list[str]:  # noqa: ARG002
        return self.readonly_fields if obj else []

    def get_inlines(self, request: HttpRequest, obj: Subscriber | None) -> list[Any]:  # noqa: ARG002
        """Whoever is asked to confirm has a wish, whose topics take the place of any others."""
        has_topics = obj and (obj.is_active or not obj.wishes)
        return self.inlines if has_topics else []

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.show_act)
        own = [path("act/<str:name>/", page, name="subscribers_subscriber_act")]
        of_lists = {
            "import/": ("import", self.show_upload),
            "import/example.csv": ("example", import_views.send_example),
            "import/<int:list_id>/": ("list", self.show_list),
            "import/<int:list_id>/rejects.csv": ("rejects", import_views.send_rejects),
            "export/<str:form>/": ("export", require_POST(import_views.send_export)),
        }
        own += [
            path(address, self.admin_site.admin_view(view), name=f"subscribers_subscriber_{name}")
            for address, (name, view) in of_lists.items()
        ]
        return [*own, *super().get_urls()]

    def show_upload(self, request: HttpRequest) -> HttpResponse:
        return import_views.show_upload(request, self.admin_site.each_context(request))

    def show_list(self, request: HttpRequest, list_id: int) -> HttpResponse:
        return import_views.show_list(request, list_id, self.admin_site.each_context(request))

    def show_act(self, request: HttpRequest, name: str) -> HttpResponse:
        return act_views.show_act(request, name, self.admin_site.each_context(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The acts, each leading to its page; not Django's own deletion, which loads all rows."""
        acts = [act for act in ACTS.values() if act_views.may_perform(request, act)]
        return {
            act.name: (partial(lead_to_act, act), act.name, act.label)
            for act in acts
            if not act.is_for_one
        }

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:  # noqa: ARG002
        """Every way to delete is the act: the read-only deliveries would veto Django's own."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(act_views.build_address(ACTS["delete"], [object_id]))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        subscriber = kw.get("obj")
        if subscriber:
            context["acts"] = act_views.list_acts(request, subscriber, timezone.now())
            context["show_delete"] = False
        return super().render_change_form(request, context, *args, **kw)

    def save_model(self, request: Any, obj: Subscriber, form: Any, change: bool) -> None:
        """Add somebody as their own sign-up would; save a changed schedule as their page does."""
        now = timezone.now()
        if not change:
            add_subscriber(obj, form, str(request.user), now)
            return
        if SCHEDULE & set(form.changed_data):
            obj.reschedule(now)
        super().save_model(request, obj, form, change)


def lead_to_act(
    act: Act, admin_of: SubscriberAdmin, request: HttpRequest, queryset: QuerySet[Subscriber]
) -> HttpResponse:
    """A bulk action: open the page of the act for what was ticked."""
    del admin_of, request
    ids = queryset.order_by("pk").values_list("pk", flat=True)[: act_views.MOST_AT_ONCE]
    return HttpResponseRedirect(act_views.build_address(act, list(ids)))
