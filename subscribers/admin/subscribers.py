"""Subscribers, and the addresses that must not be mailed."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from subscribers.admin.lists import ListAdmin, LowercaseEmail, column, count_rows
from subscribers.models import MAX_TOPICS, Interest, Subscriber, Suppression, is_suppressed
from subscribers.web.fields import list_zone_choices

Status = Subscriber.Status
STATUS_COLORS = {
    "active": "success",
    "paused": "info",
    "pending": "warning",
    "suppressed": "danger",
    "unsubscribed": "default",
}
SHOWN_PAPERS = 20
SCHEDULE = {"cadence", "timezone", "send_hour"}


class SuppressedFilter(admin.SimpleListFilter):
    title = "address"
    parameter_name = "address"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("reachable", "May be mailed"), ("suppressed", "Suppressed")]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() == "reachable":
            return queryset.filter(is_suppressed=False)
        return queryset.filter(is_suppressed=True) if self.value() else queryset


class ZoneFilter(admin.SimpleListFilter):
    """By continent: listing the zones in use would read every row."""

    title = "time zone"
    parameter_name = "zone"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        continents = [continent for continent, _ in list_zone_choices()[1:]]
        return [("UTC", "UTC"), *((continent, continent) for continent in continents)]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() in dict(self.lookup_choices):
            return queryset.filter(timezone__startswith=self.value())
        return queryset


class SubscriberForm(LowercaseEmail):
    sentences = {
        "subscriber_active_means_confirmed": (
            "An active subscriber has confirmed the address: enter when, or leave the status at "
            "pending."
        ),
        "subscriber_unsubscribed_has_a_date": (
            "The status and the date of unsubscribing must agree: an unsubscribed reader has a "
            "date, and nobody else has one."
        ),
    }
    timezone = forms.ChoiceField(widget=UnfoldAdminSelectWidget, initial="UTC")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices, current = list_zone_choices(), self.instance.timezone
        names = {zone for _, zones in choices for zone, _ in zones}
        other = [] if current in names else [("As it is", [(current, current)])]
        self.fields["timezone"].choices = [*other, *choices]  # type: ignore[attr-defined]


class InterestInline(TabularInline):  # type: ignore[misc]
    model = Interest
    fields = ["topic", "mode"]
    autocomplete_fields = ["topic"]
    extra = 0
    max_num = MAX_TOPICS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interest]:
        rows: QuerySet[Interest] = super().get_queryset(request)
        return rows.select_related("topic", "subscriber")


@admin.register(Subscriber)
class SubscriberAdmin(ListAdmin):
    form = SubscriberForm
    list_display = ["email", "state", "cadence", "timezone", "followed", "next_digest"]
    list_filter = ["status", "cadence", ZoneFilter, SuppressedFilter]
    search_fields = ["email"]
    search_help_text = "Part of an address"
    sortable_by = ["email"]
    inlines = [InterestInline]
    actions = ["unsubscribe", "suppress", "resume"]
    readonly_fields = [
        "created_at",
        "confirmation_sent_at",
        "confirmations_sent",
        "asked_for",
        "learned",
        "reading_list",
    ]
    fieldsets = [
        (None, {"fields": ["email", "status"]}),
        (
            "The digest",
            {
                "fields": [
                    ("cadence", "send_hour"),
                    ("timezone", "max_papers"),
                    "wants_everywhere",
                    "paused_until",
                ]
            },
        ),
        (
            "Dates",
            {
                "fields": [
                    "confirmed_at",
                    "unsubscribed_at",
                    "next_digest_at",
                    "created_at",
                    ("confirmation_sent_at", "confirmations_sent"),
                ]
            },
        ),
        ("At sign-up", {"fields": ["asked_for"]}),
        ("What they told us of papers", {"fields": ["learned", "reading_list"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        rows: QuerySet[Subscriber] = super().get_queryset(request)
        follows = Interest.objects.follows().filter(subscriber=OuterRef("pk"))
        return rows.annotate(
            topic_count=count_rows(follows, "subscriber"),
            is_suppressed=is_suppressed("email"),
        )

    @column("Status", colors=STATUS_COLORS)
    def state(self, subscriber: Any) -> str:
        if subscriber.is_suppressed:
            return "suppressed"
        paused_until = subscriber.paused_until
        if subscriber.is_active and paused_until and paused_until > timezone.now():
            return "paused"
        return str(subscriber.status)

    @column("Topics")
    def followed(self, subscriber: Any) -> int:
        return int(subscriber.topic_count)

    @column("Next digest, in their zone")
    def next_digest(self, subscriber: Subscriber) -> str:
        if not subscriber.is_active:
            return "–"
        if subscriber.next_digest_at is None:
            return "at once"
        return (
            f"{subscriber.next_digest_at.astimezone(ZoneInfo(subscriber.timezone)):%a %d %b, %H:%M}"
        )

    @column("Asked for")
    def asked_for(self, subscriber: Subscriber) -> str:
        """The wish that waits for its confirmation."""
        if not subscriber.wishes:
            return "Nothing is waiting for a confirmation."
        asked_at = subscriber.wish_asked_at
        wishes = subscriber.wishes | ({"asked_at": asked_at.isoformat()} if asked_at else {})
        rows = [(name.replace("_", " "), _spell_wish(wish)) for name, wish in wishes.items()]
        return format_html_join("", "{}: {}<br>", rows)

    @column("Learned from more and less")
    def learned(self, subscriber: Subscriber) -> str:
        """The subscriber's leanings; only they themselves can remove one."""
        rows = (
            [(row.what, row.how) for row in subscriber.standing_leanings] if subscriber.pk else []
        )
        return format_html_join("", "{}: {}<br>", rows) or "Nothing."

    @column("Reading list")
    def reading_list(self, subscriber: Subscriber) -> str:
        """The papers the subscriber saved last, and how many there are."""
        if not subscriber.pk or not (count := subscriber.saved_papers.count()):
            return "Nothing."
        rows = subscriber.saved_papers.select_related("paper")[:SHOWN_PAPERS]
        shown = format_html_join("", "{}<br>", ((row,) for row in rows))
        more = count - SHOWN_PAPERS
        return format_html("{}and {} more", shown, more) if more > 0 else shown

    def save_model(self, request: Any, obj: Subscriber, form: Any, change: bool) -> None:
        """Save; a changed hour, zone or cadence moves the next digest, as it does on their page."""
        is_moved = SCHEDULE & set(form.changed_data) and "next_digest_at" not in form.changed_data
        if is_moved and obj.next_digest_at:
            obj.next_digest_at = obj.find_next_slot(timezone.now())
        super().save_model(request, obj, form, change)

    @admin.action(description="Unsubscribe", permissions=["change"])
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        rows = Subscriber.objects.filter(pk__in=queryset.values("pk"))
        changed = rows.exclude(status=Status.UNSUBSCRIBED).update(
            status=Status.UNSUBSCRIBED, unsubscribed_at=timezone.now()
        )
        messages.success(
            request, f"{_count_people(changed)} unsubscribed. No digest goes to them now."
        )

    @admin.action(description="Suppress the address", permissions=["change"])
    def suppress(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        emails = list(queryset.values_list("email", flat=True))
        known = set(Suppression.objects.filter(email__in=emails).values_list("email", flat=True))
        added = [Suppression(email=email) for email in emails if email not in known]
        Suppression.objects.bulk_create(added, batch_size=1000, ignore_conflicts=True)
        messages.success(
            request, f"{_count_people(len(added))} suppressed. Nothing is mailed to them."
        )

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        """End pauses, and suppressions made by hand; what subscribers or mailboxes did stays."""
        emails = list(queryset.values_list("email", flat=True))
        manual = Suppression.objects.filter(email__in=emails, reason=Suppression.Reason.MANUAL)
        lifted, _ = manual.delete()
        rows = Subscriber.objects.filter(email__in=emails)
        paused = rows.filter(paused_until__isnull=False).update(paused_until=None)
        unmailable = len(emails) - rows.mailable().count()
        said = f"Ended {paused} pauses and {lifted} suppressions made by hand."
        if unmailable:
            said += (
                f" {_count_people(unmailable)} still get no digest: unconfirmed, gone, or refused."
            )
        messages.success(request, said)


@admin.register(Suppression)
class SuppressionAdmin(ListAdmin):
    form = LowercaseEmail
    list_display = ["email", "why", "created_at"]
    list_filter = ["reason"]
    search_fields = ["email"]
    search_help_text = "Part of an address"
    sortable_by = ["email"]
    fields = ["email", "reason", "created_at"]
    readonly_fields = ["created_at"]

    @column(
        "Reason",
        colors={"bounce": "warning", "complaint": "danger", "manual": "info"},
    )
    def why(self, suppression: Suppression) -> str:
        return str(suppression.reason)

    def get_readonly_fields(self, request: Any, obj: Suppression | None = None) -> list[str]:  # noqa: ARG002
        return ["email", "created_at"] if obj else ["created_at"]


def _count_people(count: int) -> str:
    return f"{count} subscriber" if count == 1 else f"{count} subscribers"


def _spell_wish(wish: Any) -> str:
    return format_html("{}", ", ".join(map(str, wish)) if isinstance(wish, list) else wish)
