"""Editions, with the sums of what became of their deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.admin import flights
from digest.admin.columns import link
from digest.admin.figures_json import serve_figures
from digest.admin.trial_alarm import send_trial_alarm
from digest.deliver.unserved import count_unserved
from digest.flight.acts import ACTS
from digest.models import DailyFigure, Delivery, Edition
from digest.watch.figures import MOST_COUNTED
from subscribers import forgiving_cache
from subscribers.admin.lists import ReadOnlyAdmin, column

SETTLED_AFTER = timedelta(days=3)
_OPEN = {"planned", "claimed", "in_doubt"}  # what may change yet
_WAITING = {"planned", "claimed"}
# In the order of the sum line.
WORDS = {
    "sent": gettext_lazy("sent"),
    "quiet": gettext_lazy("quiet"),
    "suppressed": gettext_lazy("suppressed"),
    "failed": gettext_lazy("failed"),
    "expired": gettext_lazy("expired"),
    "in_doubt": gettext_lazy("in doubt"),
    "planned": gettext_lazy("waiting"),
    "claimed": gettext_lazy("being sent"),
}


def sum_line(counts: dict[str, int]) -> str:
    """What became of the planned: "planned 3 = sent 2 + quiet 1 + …"; open ones only while open."""
    shown = [name for name in WORDS if name not in _WAITING or counts.get(name)]
    said = [f"{WORDS[name]} {counts.get(name, 0):,}" for name in shown]
    return _("planned %(values)s = %(said)s") % {
        "values": f"{sum(counts.values()):,}",
        "said": " + ".join(said),
    }


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
    fields = ["date", "total", "unserved", "says", "figures", "release", "shown"]

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.show_flight_act)
        acts = [
            path(f"<int:edition_id>/{name}/", page, {"name": name}, f"digest_edition_{name}")
            for name in ACTS
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

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return self._leave_out_closed(self.list_display, request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002
        return self._leave_out_closed(self.fields, request)

    def _leave_out_closed(self, names: Sequence[str], request: HttpRequest) -> list[str]:
        """Without the way to the deliveries for those to whom these are closed."""
        may_see = request.user.has_perm("digest.view_delivery")
        return [name for name in names if may_see or name != "shown"]

    def get_object(self, *args: Any, **kwargs: Any) -> Edition | None:
        edition: Edition | None = super().get_object(*args, **kwargs)
        if edition:
            self._add_counts([edition])
        return edition

    def _add_counts(self, editions: Iterable[Any]) -> None:
        counts = edition_counts(editions)
        for edition in editions:
            edition.counts = counts[edition.pk]

    @column(gettext_lazy("What became of it"))
    def total(self, edition: Any) -> str:
        return sum_line(edition.counts)

    @column(gettext_lazy("Readers without their mail"))
    def unserved(self, edition: Edition) -> str:
        found = count_unserved(edition)
        if not found.count + found.in_doubt:
            return _("none, but for whoever left or was suppressed meanwhile")
        if found.is_broken:
            return _("%(words)s: more than one in a thousand.") % {"words": found}
        return _("%(words)s.") % {"words": found}

    @column(gettext_lazy("State"), colors=flights.STATE_COLORS)
    def flies(self, edition: Edition) -> tuple[str, str] | None:
        flight = getattr(edition, "flight", None)
        return (flight.state, flight.get_state_display()) if flight else None

    @column(gettext_lazy("State"))
    def says(self, edition: Edition) -> str:
        return flights.describe_state(flights.read_flight(edition))

    @column(gettext_lazy("What became of its mails so far"))
    def figures(self, edition: Edition) -> str:
        return flights.describe_figures(flights.read_flight(edition))

    @column(gettext_lazy("Held?"))
    def release(self, edition: Edition) -> SafeString:
        return flights.link_release(getattr(edition, "flight", None))

    @column(gettext_lazy("Deliveries"))
    def shown(self, edition: Any) -> SafeString:
        url = reverse("admin:digest_delivery_changelist")
        return link(f"{url}?edition={edition.pk}", _("show them"))
