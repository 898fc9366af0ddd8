"""Why a day, a week or a month has no papers, as its page says it. All in UTC.

Why one subscriber has none is found in digest/compose/quiet.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.models import Source
from digest.watch import source_age
from digest.web.periods import Period, PeriodKind

_FRIDAY = 4
_IN = {
    PeriodKind.DAY: gettext_lazy("on this day"),
    PeriodKind.WEEK: gettext_lazy("in this week"),
    PeriodKind.MONTH: gettext_lazy("in this month"),
}


def explain_quiet(period: Period, today: date) -> list[str]:
    """Return why a period has no papers, one sentence for each reason; never empty.

    A reason is given only where somebody asked; with its time, so that it stays true as it ages.
    """
    sources = list(Source.objects.filter(is_active=True))
    if not sources:
        return [_("No source is switched on. An admin can add one.")]
    troubled = _list_troubles(sources)
    if unread := _explain_unread(period):
        return [unread] if period.last < today else [unread, *troubled]
    if period.kind is PeriodKind.DAY and period.first.weekday() > _FRIDAY:
        return [_("arXiv announces nothing on Saturdays and Sundays.")]
    if period.last < today:
        return [_("No source announced anything new %(kind)s.") % {"kind": _IN[period.kind]}]
    last = source_age.find_last_read()
    if troubled:
        return troubled
    if not last:
        return [_("The sources have not announced anything yet. They are asked many times a day.")]
    said = _(
        "The sources have not announced anything yet, as of %(last)s. "
        "They are asked many times a day."
    )
    return [said % {"last": source_age.write_moment(last)}]


def is_known_quiet(period: Period) -> bool:
    """Whether somebody asked in the period, so that nothing came rather than nothing was seen."""
    return not _explain_unread(period)


def _list_troubles(sources: Iterable[Source]) -> list[str]:
    """What the last polls came to, of the sources that somebody asks and that are not well."""
    well, now = {Source.State.HEALTHY.value, Source.State.NEW.value}, timezone.now()
    troubled = [source for source in sources if source.state not in well and source.note]
    return [
        f"{source.title}: {source.note}"
        for source in troubled
        if not source_age.is_silent(source, now)
    ]


def _explain_unread(period: Period) -> str:
    """That no source could be read in the period, and since when; "" where one could."""
    if source_age.was_read_within(period.first, period.last):
        return ""
    last = source_age.find_last_read()
    if last is None:
        return _("The sources could not be read yet. They are asked many times a day.")
    if last < period.starts_at:
        since = source_age.write_moment(last)
        return _(
            "No source has been read since %(since)s, so it is not known what was announced."
        ) % {"since": since}
    noted_from = source_age.find_first_noted_day()
    if noted_from is None or period.first < noted_from:
        return _("Nothing is stored that was announced %(kind)s.") % {"kind": _IN[period.kind]}
    return _("No source could be read %(kind)s, so it is not known what was announced.") % {
        "kind": _IN[period.kind]
    }


def list_quiet_days(newest: date, today: date) -> list[date]:
    """The days without papers since the newest one with papers, today included."""
    return [newest + timedelta(days=n) for n in range(1, (today - newest).days + 1)]
