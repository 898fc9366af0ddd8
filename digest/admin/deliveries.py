"""Editions with their sums, and every delivery with what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from digest.admin import flights
from digest.admin.columns import link
from digest.admin.figures_json import serve_figures
from digest.admin.trial_alarm import send_trial_alarm
from digest.deliver.doubt.doubts import mail_again, mark_as_sent
from digest.english import count_of
from digest.models import DailyFigure, Delivery, DigestItem, Edition, Paper
from digest.render.paper_lines import describe_reasons
from digest.watch.figures import MOST_COUNTED
from subscribers import forgiving_cache
from subscribers.admin.lists import ReadOnlyAdmin, column
from subscribers.admin.staff_log import NamelessLog

Status = Delivery.Status
STATUS_COLORS = {
    Status.PLANNED.value: "info",
    Status.CLAIMED.value: "info",
    Status.SENT.value: "success",
    Status.QUIET.value: "default",
    Status.SUPPRESSED.value: "warning",
    Status.FAILED.value: "danger",
    Status.EXPIRED.value: "warning",
    Status.IN_DOUBT.value: "danger",
}
STATUS_SENTENCES = {
    Status.PLANNED.value: "Composed, and waiting to be handed to the provider.",
    Status.CLAIMED.value: "A worker has taken it and is handing it over. Should the worker die, "
    "the sweep takes it up again when its lease has run out.",
    Status.SENT.value: "The provider took it. The dates below say what came of it then.",
    Status.QUIET.value: "No mail was due: the reason is named beside it.",
    Status.SUPPRESSED.value: "The address must not be mailed: it is suppressed, or its reader has "
    "not confirmed or has left.",
    Status.FAILED.value: "The provider refused it, or every attempt failed. The error says why; "
    "its papers are free to come in a later digest.",
    Status.EXPIRED.value: "It could not be sent while it was still news, so it was not sent at "
    "all; its papers are free to come in a later digest.",
    Status.IN_DOUBT.value: "It was handed to the provider, and the line broke before an answer "
    "came. It may have been mailed or not. The provider is asked, and its reports are watched, "
    "until one of them settles it; you can settle it with the actions of the list. While nobody "
    "knows, its papers come again in the next digest, marked as perhaps sent before.",
}
SETTLED_AFTER = timedelta(days=3)
EDITIONS_OFFERED = 30


_OPEN = {"planned", "claimed", "in_doubt"}  # what may change yet


def sum_line(counts: dict[str, int]) -> str:
    """What became of the planned: "planned 3 = sent 2 + quiet 1 + …"; open ones only while open."""
    ends = ["sent", "quiet", "suppressed", "failed", "expired", "in_doubt"]
    shown = ends + [name for name in ("planned", "claimed") if counts.get(name)]
    words = {"in_doubt": "in doubt", "planned": "waiting", "claimed": "being sent"}
    said = [f"{words.get(name, name)} {counts.get(name, 0):,}" for name in shown]
    return f"planned {sum(counts.values()):,} = {' + '.join(said)}"


def edition_counts(editions: Iterable[Edition]) -> dict[int, dict[str, int]]:
    """Counts per status of each edition, in a query or two; those of settled days are remembered.

    Of editions with very many deliveries as a task has counted them, a minute ago at most.
    """
    keys = {f"edition-sum-{edition.pk}": edition for edition in editions}
    known = {keys[key].pk: counts for key, counts in forgiving_cache.read_values(keys).items()}
    missing = [edition for edition in keys.values() if edition.pk not in known]
    known |= read_large_counts(missing)
    missing = [edition for edition in missing if edition.pk not in known]
    counted = count_statuses(missing)
    before = timezone.now().date() - SETTLED_AFTER
    settled = {
        f"edition-sum-{edition.pk}": counted[edition.pk]
        for edition in missing
        if edition.date < before and not _OPEN & set(counted[edition.pk])
    }
    if settled:
        forgiving_cache.write_values(settled, 3600)
    return known | counted


def read_large_counts(editions: Iterable[Edition]) -> dict[int, dict[str, int]]:
    """By their ids, of those with more than MOST_COUNTED deliveries."""
    by_date = {edition.date: edition.pk for edition in editions}
    rows = DailyFigure.objects.filter(name=DailyFigure.Name.DELIVERIES, date__in=by_date)
    found: dict[int, dict[str, int]] = {pk: {} for pk in by_date.values()}
    for day, status, count in rows.filter(value__gt=0).values_list("date", "part", "value"):
        found[by_date[day]][status] = int(count)
    return {pk: counts for pk, counts in found.items() if sum(counts.values()) > MOST_COUNTED}


def count_statuses(editions: list[Edition]) -> dict[int, dict[str, int]]:
    counted: dict[int, dict[str, int]] = {edition.pk: {} for edition in editions}
    if editions:
        rows = Delivery.objects.filter(edition__in=editions).order_by()
        for pk, status, count in rows.values_list("edition", "status").annotate(Count("pk")):
            counted[pk][status] = count
    return counted


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    list_display = ["date", "total", "flies", "release", "shown"]
    list_select_related = ["flight"]
    ordering = ("-date",)
    # Each day may hold a million deliveries to be counted.
    list_per_page = 14
    sortable_by = []
    fields = ["date", "total", "says", "figures", "release", "shown"]

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.show_flight_act)
        acts = [
            path(f"<int:edition_id>/{name}/", page, {"name": name}, f"digest_edition_{name}")
            for name in flights.ACTS
        ]
        trial = self.admin_site.admin_view(send_trial_alarm)
        figures = self.admin_site.admin_view(serve_figures)
        own = [
            path("test-alarm/", trial, name="digest_edition_test_alarm"),
            path("figures.json", figures, name="digest_edition_figures"),
        ]
        return [*acts, *own, *super().get_urls()]

    def show_flight_act(self, request: HttpRequest, edition_id: int, name: str) -> HttpResponse:
        context = self.admin_site.each_context(request)
        return flights.show_act(request, edition_id, name, context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            self._add_counts(changes.result_list)
        return response

    def get_object(self, *args: Any, **kwargs: Any) -> Edition | None:
        edition: Edition | None = super().get_object(*args, **kwargs)
        if edition:
            self._add_counts([edition])
        return edition

    def _add_counts(self, editions: Iterable[Any]) -> None:
        counts = edition_counts(editions)
        for edition in editions:
            edition.counts = counts[edition.pk]

    @column("What became of it")
    def total(self, edition: Any) -> str:
        return sum_line(edition.counts)

    @column("State", colors=flights.STATE_COLORS)
    def flies(self, edition: Edition) -> tuple[str, str] | None:
        flight = getattr(edition, "flight", None)
        return (flight.state, flight.get_state_display()) if flight else None

    @column("State")
    def says(self, edition: Edition) -> str:
        return flights.describe_state(flights.read_flight(edition))

    @column("What became of its mails so far")
    def figures(self, edition: Edition) -> str:
        return flights.describe_figures(flights.read_flight(edition))

    @column("Held?")
    def release(self, edition: Edition) -> SafeString:
        return flights.link_release(getattr(edition, "flight", None))

    @column("Deliveries")
    def shown(self, edition: Any) -> SafeString:
        url = reverse("admin:digest_delivery_changelist")
        return link(f"{url}?edition={edition.pk}", "show them")


class EditionFilter(admin.SimpleListFilter):
    title = "edition"
    parameter_name = "edition"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(str(e.pk), str(e)) for e in Edition.objects.all()[:EDITIONS_OFFERED]]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        value = self.value() or ""
        is_id = value.isascii() and value.isdigit() and len(value) < 19
        return queryset.filter(edition_id=int(value)) if is_id else queryset


@admin.register(Delivery)
class DeliveryAdmin(NamelessLog, ReadOnlyAdmin):
    list_display = ["reader", "edition", "state", "quiet_reason", "papers", "sent_at", "world"]
    list_filter = ["status", "quiet_reason", EditionFilter]
    list_select_related = ["edition", "subscriber"]
    search_fields = ["subscriber__email__startswith", "message_id__exact"]
    search_help_text = "The beginning of an address, or a whole message id"
    sortable_by = []
    actions = ["look_again", "settle_as_sent", "mail_again"]
    fieldsets = [
        (None, {"fields": ["subscriber", "edition", "status", "explanation", "quiet_reason"]}),
        ("What it holds", {"fields": ["readable"]}),
        (
            "What we did",
            {
                "fields": [
                    ("claimed_at", "retry_at"),
                    ("sent_at", "maybe_sent_at"),
                    ("attempts", "covers_until"),
                    "error",
                    ("message_id", "key"),
                    "provider",
                ]
            },
        ),
        (
            "What the world did",
            {
                "fields": [
                    ("delivered_at", "bounced_at"),
                    ("complained_at", "unsubscribed_at"),
                    "reports",
                ]
            },
        ),
    ]

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """What is read-only but for this asks for the permission to change it."""
        return bool(getattr(request.user, "has_perm", bool)("digest.change_delivery"))

    @admin.action(description="In doubt: ask the provider again now", permissions=["settle"])
    def look_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        rows = list(queryset)
        asked = queryset.in_doubt().update(retry_at=timezone.now())  # type: ignore[attr-defined]
        self._say_settled(request, rows, f"{count_of(asked, 'mail')} will be looked for.")

    @admin.action(description="In doubt: it was sent", permissions=["settle"])
    def settle_as_sent(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        rows = list(queryset)
        sent = mark_as_sent(queryset)
        self._say_settled(request, rows, f"{count_of(sent, 'mail')} settled as sent.")

    @admin.action(description="In doubt: it was not sent, mail it again", permissions=["settle"])
    def mail_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        rows = list(queryset)
        counts = mail_again(queryset, timezone.now())
        said = f"{count_of(counts['planned'], 'mail')} will be mailed again."
        if counts["expired"]:
            said += (
                f" {count_of(counts['expired'], 'mail')} expired instead: no longer news, or the"
                " next digest has the papers."
            )
        self._say_settled(request, rows, said)

    def _say_settled(self, request: HttpRequest, rows: Iterable[Delivery], said: str) -> None:
        for delivery in rows:
            self.log_change(request, delivery, said)
        messages.success(request, f"{said} What was not in doubt stays as it was.")

    @column("Subscriber")
    def reader(self, delivery: Delivery) -> str:
        return delivery.subscriber.email

    @column("Status", colors=STATUS_COLORS)
    def state(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display().lower()

    @column("Papers")
    def papers(self, delivery: Delivery) -> str:
        return str(len(delivery.digest.papers)) if delivery.contents else "–"

    @column("Then")
    def world(self, delivery: Delivery) -> str:
        dates = ["delivered_at", "bounced_at", "complained_at", "unsubscribed_at"]
        done = [name.removesuffix("_at") for name in dates if getattr(delivery, name)]
        return ", ".join(done) or "–"

    @column("What its provider reported")
    def reports(self, delivery: Delivery) -> SafeString:
        """In the order of what happened; kept for thirty days."""
        lines = [
            (f"{row.happened_at:%d %b %H:%M}", row.get_verdict_display(), row.said or row.kind)
            for row in delivery.provider_events.order_by("happened_at", "pk")
        ]
        listed = format_html_join("", "<li>{} UTC: {} ({})</li>", lines)
        return format_html("<ul>{}</ul>", listed) if lines else format_html("{}", "Nothing.")

    @column("Which means")
    def explanation(self, delivery: Delivery) -> str:
        return STATUS_SENTENCES[delivery.status]

    @column("Contents")
    def readable(self, delivery: Delivery) -> SafeString:
        digest = delivery.digest
        ids = [item.paper_id for item in digest.papers]
        titles = dict(Paper.objects.filter(pk__in=ids).values_list("pk", "title"))
        lines = [describe_item(item, titles) for item in digest.papers]
        listed = format_html_join("", "<li>{} ({}): {}</li>", lines)
        note = digest.note or ("" if digest.papers else "It holds no papers.")
        return format_html("{}<ol>{}</ol>", note, listed)


def describe_item(item: DigestItem, titles: dict[int, str]) -> tuple[str, str, str]:
    """A paper's title as a link, its section, and the topics that brought it."""
    title = titles.get(item.paper_id)
    url = reverse("admin:digest_paper_change", args=[item.paper_id])
    named = link(url, title) if title else f"paper {item.paper_id}, deleted since"
    return named, item.section, describe_reasons(item.reasons)
