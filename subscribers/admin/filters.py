"""By what staff narrow the list of subscribers, each read without going through all rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.admin.lists import BoundedPaginator
from subscribers.models import ConsentEvent, Subscriber, Suppression
from subscribers.web.fields import list_zone_choices


class SuppressedFilter(admin.SimpleListFilter):
    title = gettext_lazy("Whether mail goes to the address")
    parameter_name = "address"
    _OF_THE_LIST = frozenset({parameter_name, PAGE_VAR, ORDER_VAR, ALL_VAR})  # narrow nothing

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("reachable", _("May be mailed")), ("suppressed", _("Suppressed"))]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        # One look at all suppressions; asked row by row, as a column is, it takes seconds.
        known = Suppression.objects.order_by().values("fingerprint")
        is_suppressed = Q(mailbox__in=known) | Q(spelling__in=known)
        if self.value() == "reachable":
            return queryset.filter(~is_suppressed)
        others = {name for name, value in request.GET.items() if value} - self._OF_THE_LIST
        if others:  # what else is asked for is looked for among all of them
            return queryset.filter(is_suppressed)
        # They are looked for once, and not for the page and again to count them.
        found = Subscriber.objects.filter(is_suppressed).order_by().values_list("pk", flat=True)
        return queryset.filter(pk__in=sorted(found, reverse=True)[: BoundedPaginator.limit])


class ZoneFilter(admin.SimpleListFilter):
    """By continent: listing the zones in use would read every row."""

    title = gettext_lazy("Where their time zone is")
    parameter_name = "zone"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        continents = [continent for continent, _zones in list_zone_choices()[1:]]
        return [("UTC", "UTC"), *((continent, continent) for continent in continents)]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() in dict(self.lookup_choices):
            return queryset.filter(timezone__startswith=self.value())
        return queryset


class CohortFilter(admin.SimpleListFilter):
    """By the month in which their address came first, of the last year."""

    title = gettext_lazy("Month of the sign-up")
    parameter_name = "came"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        months = list_months(timezone.now())
        return [(f"{one:%Y-%m}", date_format(one, "F Y")) for one in months]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        chosen = dict(self.lookup_choices).get(self.value() or "")
        if not chosen:
            return queryset
        first = datetime.strptime(f"{self.value()}-01", "%Y-%m-%d").replace(tzinfo=UTC)
        after = (first + timedelta(days=32)).replace(day=1)
        return queryset.filter(created_at__gte=first, created_at__lt=after)


class DepartureFilter(admin.SimpleListFilter):
    """Who unsubscribed of late and stayed away, by what was noted of it: that has an index."""

    title = gettext_lazy("Who left of late, and stayed away")
    parameter_name = "left"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("7", _("In the last 7 days")), ("30", _("In the last 30 days"))]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() not in dict(self.lookup_choices):
            return queryset
        since = timezone.now() - timedelta(days=int(self.value() or 0))
        left = ConsentEvent.objects.filter(kind=ConsentEvent.Kind.LEFT, noted_at__gte=since)
        ids = left.filter(happened_at__gte=since).order_by().values("subscriber")
        return queryset.filter(status=Subscriber.Status.UNSUBSCRIBED, pk__in=ids)


def list_months(now: datetime) -> list[datetime]:
    """The first moments of this month and of the eleven before it, in UTC."""
    months = [now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    while len(months) < 12:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
