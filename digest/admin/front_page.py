"""The admin's first page: what went out, how the sources are, who reads. Counts, no addresses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from digest.admin import trial_alarm
from digest.admin.columns import ago
from digest.deliver import audit
from digest.english import count_of, in_a_row
from digest.high_water.hold import find_hold
from digest.models import Delivery, DomainPause, Edition, Source
from digest.watch import clock, source_age
from digest.watch.alarms import select_lasting
from digest.watch.silence import find_silent_parts
from digest.web import period_papers, periods
from subscribers.models import Subscriber, Suppression

SHOWN_DAYS = 7
HEADS = [str(status.label) for status in audit.FINAL]
# What somebody should look into, where it is not nought.
_TROUBLE = {Delivery.Status.FAILED, Delivery.Status.IN_DOUBT}


@dataclass(frozen=True)
class DayRow:
    """One edition: each count with whether it asks for a look, and where its deliveries are."""

    day: date
    url: str
    planned: int
    counts: list[tuple[int, bool]]
    still_open: int


@dataclass(frozen=True)
class SourceRow:
    """How a source is, in its own sentence."""

    source: Source
    asked: str  # how long ago
    sentence: str
    is_well: bool


def add_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the page what this member of staff may see."""
    now = timezone.now()
    may = request.user.has_perm
    context |= {"title": "Today", "folio": period_papers.make_folio(periods.make_day(now.date()))}
    context["hold"] = find_hold()
    if may("digest.view_edition"):
        context["alarms"] = select_lasting()
        context |= {"heads": HEADS, "books": list_days()}
    context["may_try_alarm"] = may(trial_alarm.PERMISSION)
    context["clock_step"] = describe_clock()
    context["silent"] = describe_silence(now)
    if may("digest.view_domainpause"):
        context["paused_domains"] = DomainPause.objects.running(now)
    if may("digest.view_source"):
        context["sources"] = [
            make_source_row(source, now) for source in Source.objects.order_by("title", "pk")
        ]
    if may("subscribers.view_subscriber"):
        context |= {"readers": count_subscribers(), "missed": describe_missed(now)}
    return context


def describe_silence(now: datetime) -> str:
    """Which parts of the service give no sign of life, and where to look; "" where all do."""
    parts = find_silent_parts(now)
    if not parts:
        return ""
    where = "Look whether the worker and beat run, and what their logs say."
    return f"There is no sign of life from {in_a_row(parts)}. {where}"


def describe_clock() -> str:
    """How the clock was set, while the service goes by its own time; "" where it was not."""
    state = clock.read_state()
    return clock.describe_step(state.ahead_by) if state.set_at else ""


def list_days() -> list[DayRow]:
    sums = audit.count_by_edition(SHOWN_DAYS)
    ids = dict(Edition.objects.filter(date__in=sums).values_list("date", "pk"))
    url = reverse("admin:digest_delivery_changelist")
    return [make_day_row(day, f"{url}?edition={ids[day]}", counts) for day, counts in sums.items()]


def make_day_row(day: date, url: str, counts: Counter[str]) -> DayRow:
    said = [(counts[s.value], s in _TROUBLE and counts[s.value] > 0) for s in audit.FINAL]
    return DayRow(day, url, sum(counts.values()), said, audit.count_open(counts))


def make_source_row(source: Source, now: datetime) -> SourceRow:
    is_well = source.state in (Source.State.HEALTHY, Source.State.NEW, Source.State.EMPTY)
    is_silent = source_age.is_silent(source, now)
    return SourceRow(
        source=source,
        asked=ago(source_age.find_last_poll(source)),
        sentence=describe_condition(source, now),
        is_well=is_well and not is_silent,
    )


def describe_condition(source: Source, now: datetime) -> str:
    """The state that the last poll came to and its sentence, or that nobody asks any more."""
    if source_age.is_silent(source, now):
        return source_age.describe_source(source, now)
    state = source.get_state_display().capitalize()
    return f"{state}: {source.note}" if source.note else state


def describe_missed(now: datetime) -> str:
    """The edition that should have run and did not; "" where all went out."""
    count = audit.count_overdue(now)
    if not count:
        return ""
    first = audit.find_first_overdue(now)
    since = f" The first of them was due on {source_age.write_moment(first)}." if first else ""
    readers = count_of(count, "reader")
    return f"An edition did not run: {readers} should have had a digest by now.{since}"


def count_subscribers() -> list[tuple[str, int]]:
    counted = Subscriber.objects.order_by().values_list("status").annotate(Count("pk"))
    counts = dict(counted)
    said = [(status.label, counts.get(status.value, 0)) for status in Subscriber.Status]
    return [*said, ("Suppressed addresses", Suppression.objects.count())]
