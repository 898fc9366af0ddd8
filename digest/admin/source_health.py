"""How a source was on each of the last thirty days: a strip to look at, and a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils.dateformat import format as date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from digest.english import in_a_row
from digest.models import Source, SourceDay

DAYS = 30
STEP, WIDTH, HEIGHT = 4, 3, 20
MOST_NAMED = 3


@dataclass(frozen=True)
class HealthColumn:
    """One day: as high as the share of its polls that could be read; red where none could."""

    x: int
    y: int
    height: int
    look: str


def attach_days(sources: Iterable[Any], today: date) -> None:
    """Give each its last days as `thirty_days`, in one query for all of them."""
    by_source: dict[int, dict[date, SourceDay]] = {source.pk: {} for source in sources}
    first = today - timedelta(days=DAYS - 1)
    for day in SourceDay.objects.filter(source__in=by_source, date__gte=first, date__lte=today):
        by_source[day.source_id][day.date] = day
    for source in sources:
        found = by_source[source.pk]
        dates = [first + timedelta(days=n) for n in range(DAYS)]
        source.thirty_days = [found.get(one) or SourceDay(date=one) for one in dates]


def draw_health(days: Sequence[SourceDay]) -> list[HealthColumn]:
    """A column for each day on which it was asked; the others are gaps."""
    columns = []
    for place, day in enumerate(days):
        if day.asked:
            height = max(round(HEIGHT * day.read / day.asked), 0) or HEIGHT
            look = "red" if not day.read else "soft" if day.read < day.asked else "ink"
            columns.append(HealthColumn(place * STEP, HEIGHT - height, height, look))
    return columns


def describe_health(days: Sequence[SourceDay]) -> str:
    """Such as "Asked on 28 of 30 days, read on all but 2: 3 May and 4 May."."""
    asked = [day for day in days if day.asked]
    if not asked:
        return _("Not asked in %(count)s days.") % {"count": len(days)}
    unread = [day for day in asked if not day.read]
    counts = {"asked": len(asked), "days": len(days), "unread": len(unread)}
    if not unread:
        return _("Asked on %(asked)s of %(days)s days, read on each of them.") % counts
    named = [date_format(day.date, "j F") for day in unread[-MOST_NAMED:]]
    if len(unread) > MOST_NAMED:
        said = _(
            "Asked on %(asked)s of %(days)s days, not read on %(unread)s: the last ones %(named)s."
        )
    else:
        said = _("Asked on %(asked)s of %(days)s days, not read on %(unread)s: %(named)s.")
    return said % (counts | {"named": in_a_row(named)})


def render_health(source: Source) -> SafeString:
    """The strip with its sentence; of a source that `attach_days` was asked for."""
    days = getattr(source, "thirty_days", [])
    context = {"columns": draw_health(days), "sentence": describe_health(days)}
    return mark_safe(render_to_string("admin/_health_strip.html", context))  # it escapes itself
