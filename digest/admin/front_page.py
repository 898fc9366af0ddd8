"""The admin's first page: what went out, how the sources are, who reads. Counts, no addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.admin import dashboard, figures_json, strips, trial_alarm
from digest.admin.alarm_links import show_alarms
from digest.admin.columns import ago
from digest.admin.editions import edition_counts
from digest.admin.live_edition import LiveEdition, link_deliveries, list_live
from digest.deliver import audit
from digest.english import in_a_row
from digest.high_water.hold import find_hold
from digest.models import DailyFigure, Delivery, DomainPause, Edition, Source
from digest.watch import clock, source_age
from digest.watch.alarms import select_lasting
from digest.watch.daily_figures import count_subscribers
from digest.watch.figures import MOST_COUNTED, Figures, read_figures
from digest.watch.silence import find_silent_parts
from digest.web import period_papers, periods
from subscribers import forgiving_cache
from subscribers.models import Subscriber, Suppression

SHOWN_EDITIONS = 7
COUNTED_SECONDS = 60.0  # so old may be what reads a whole table
HEADS = [status.label for status in audit.FINAL]
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
    context |= {
        "title": _("Today"),
        "folio": period_papers.make_folio(periods.make_day(now.date())),
    }
    context |= describe_service(now)
    figures = read_figures(now.date(), strips.SHOWN_DAYS)
    context |= dashboard.make_charts(figures, may)
    context["counted"] = dashboard.describe_counted_at(figures, now)
    context["young"] = dashboard.describe_young(figures)
    context["is_counted"] = figures.find_counted_at() is not None  # else noughts would be made up
    if may("digest.view_edition"):
        live = list_live(now, figures, may_change=may("digest.change_edition"))
        context |= {"alarms": show_alarms(select_lasting(), may), "live": live}
        context |= {"heads": HEADS, "books": list_days(figures, live)}
        context["in_doubt"] = Delivery.objects.in_doubt().count()
    context["may_see_deliveries"] = may("digest.view_delivery")
    context["may_try_alarm"] = may(trial_alarm.PERMISSION)
    context["may_read_json"] = any(may(one) for one in figures_json.MAY_SEE)
    if may("digest.view_domainpause"):
        context["paused_domains"] = DomainPause.objects.running(now)
    if may("digest.view_source"):
        sources = list(Source.objects.order_by("title", "pk"))
        context["sources"] = [make_source_row(source, now) for source in sources]
        context["paper_strips"] = strips.list_paper_strips(figures, sources)
    if may("subscribers.view_subscriber"):
        context |= {"readers": list_readers(figures), "missed": describe_missed(now)}
    return context


def describe_service(now: datetime) -> dict[str, Any]:
    """What everybody on the staff is told, since nothing of it is anybody's data."""
    return {
        "hold": find_hold(),
        "clock_step": describe_clock(),
        "silent": describe_silence(now),
    }


def describe_silence(now: datetime) -> str:
    """Which parts of the service give no sign of life, and where to look; "" where all do."""
    parts = find_silent_parts(now)
    if not parts:
        return ""
    where = _("Look whether the worker and beat run, and what their logs say.")
    return _("There is no sign of life from %(parts)s. %(where)s") % {
        "parts": in_a_row(parts),
        "where": where,
    }


def describe_clock() -> str:
    """How the clock was set, while the service goes by its own time; "" where it was not."""
    state = clock.read_state()
    return clock.describe_step(state.ahead_by) if state.set_at else ""


def list_days(figures: Figures, live: Sequence[LiveEdition]) -> list[DayRow]:
    """The last editions: as counted now, or each minute; where nobody did, counted here."""
    editions = list(Edition.objects.order_by("-date")[:SHOWN_EDITIONS])
    counted = {one.edition.pk: one.counts | {"planned": one.waiting} for one in live}
    found = {
        edition.pk: {status: int(count) for status, count in known.items()}
        for edition in editions
        if (known := figures.read_day(DailyFigure.Name.DELIVERIES, edition.date))
    }
    counts: dict[int, Mapping[str, int]] = {**found, **counted}
    counts |= edition_counts([edition for edition in editions if edition.pk not in counts])
    return [make_day_row(edition, counts[edition.pk]) for edition in editions]


def make_day_row(edition: Edition, counts: Mapping[str, int]) -> DayRow:
    finals = [(counts.get(s.value, 0), s in _TROUBLE) for s in audit.FINAL]
    still_open = counts.get("planned", 0) + counts.get("claimed", 0)
    return DayRow(
        day=edition.date,
        url=link_deliveries(edition),
        planned=sum(count for count, _unused in finals) + still_open,
        counts=[(count, is_trouble and count > 0) for count, is_trouble in finals],
        still_open=still_open,
    )


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
    said = ngettext(
        "An edition did not run: %(count)s reader should have had a digest by now.",
        "An edition did not run: %(count)s readers should have had a digest by now.",
        count,
    ) % {"count": count}
    if first is None:
        return said
    moment = source_age.write_moment(first)
    return f"{said} " + _("The first of them was due on %(moment)s.") % {"moment": moment}


@dataclass(frozen=True)
class ReaderRow:
    """How many readers are so, and where they are listed; in the last days where that is asked."""

    name: str
    count: int
    url: str


def list_readers(figures: Figures) -> list[ReaderRow]:
    """How many there are by status, a minute old at most; of very many, as of the hour."""
    _unused, known = figures.find_newest(DailyFigure.Name.SUBSCRIBERS)
    if sum(known.values()) > MOST_COUNTED:
        counts: Any = {**known, "": Suppression.objects.count()}
    else:
        counts = forgiving_cache.read_value("digest.readers")
    if counts is None:
        counts = count_subscribers() | {"": Suppression.objects.count()}
        forgiving_cache.write_value("digest.readers", counts, COUNTED_SECONDS)
    people = reverse("admin:subscribers_subscriber_changelist")
    said = [
        ReaderRow(
            str(status.label),
            int(counts.get(status.value, 0)),
            f"{people}?status__exact={status.value}",
        )
        for status in Subscriber.Status
    ]
    suppressions = reverse("admin:subscribers_suppression_changelist")
    return [*said, ReaderRow(_("Suppressed addresses"), int(counts[""]), suppressions)]
