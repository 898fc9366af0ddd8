"""Periods of the calendar that have a page: a day, a week from Monday, a month. All in UTC."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

DAY = timedelta(days=1)


class PeriodKind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included."""

    kind: PeriodKind
    first: date
    last: date

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first, time(), tzinfo=UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last, time(), tzinfo=UTC) + DAY

    @property
    def days(self) -> list[date]:
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]

    @property
    def name(self) -> str:
        """As its address has it: 2026-04-23, 2026-W17, 2026-04."""
        if self.kind is PeriodKind.WEEK:
            return self.week
        return f"{self.first}" if self.kind is PeriodKind.DAY else f"{self.first}"[:7]

    @property
    def week(self) -> str:
        year, week, _unused = self.first.isocalendar()
        return f"{year:04}-W{week:02}"

    @property
    def title(self) -> str:
        """In words: Thursday 23 April 2026; 20 to 26 April 2026; April 2026."""
        if self.kind is PeriodKind.DAY:
            return date_format(self.first, "l j F Y")
        if self.kind is PeriodKind.MONTH:
            return date_format(self.first, "F Y")
        return _("%(beginning)s to %(last)s %(year)s") % {
            "beginning": self._beginning,
            "last": format_day_and_month(self.last),
            "year": self.last.year,
        }

    @property
    def _beginning(self) -> str:
        """The first day of a week, as far as it differs from the last."""
        if self.first.year != self.last.year:
            return f"{format_day_and_month(self.first)} {self.first.year}"
        is_one_month = self.first.month == self.last.month
        return f"{self.first.day}" if is_one_month else format_day_and_month(self.first)

    @property
    def short_title(self) -> str:
        """For a link beside others: Thu 23 April; week 17; April."""
        if self.kind is PeriodKind.DAY:
            return date_format(self.first, "D j F")
        return (
            date_format(self.first, "F")
            if self.kind is PeriodKind.MONTH
            else _("Week %(week)s") % {"week": int(self.week[-2:])}
        )


def format_day_and_month(day: date) -> str:
    return date_format(day, "j F")


def make_day(day: date) -> Period:
    return Period(PeriodKind.DAY, day, day)


def make_week(day: date) -> Period:
    """The week that the day is in, from Monday to Sunday (ISO 8601)."""
    monday = day - day.weekday() * DAY
    return Period(PeriodKind.WEEK, monday, monday + 6 * DAY)


def make_month(day: date) -> Period:
    last = monthrange(day.year, day.month)[1]
    return Period(PeriodKind.MONTH, day.replace(day=1), day.replace(day=last))


MAKERS = {PeriodKind.DAY: make_day, PeriodKind.WEEK: make_week, PeriodKind.MONTH: make_month}


def parse_period(name: str) -> Period:
    """Return the period of a name such as 2026-04-23, 2026-W17 or 2026-04.

    Raises ValueError for one that no calendar has.
    """
    try:
        period = _parse_name(name)
        period.ends_at  # noqa: B018 (the calendar's last day has no end)
        return period
    except (ValueError, OverflowError) as error:  # the calendar's very last week is not whole
        raise ValueError(f"{name} is no day, week or month.") from error


def _parse_name(name: str) -> Period:
    if "W" in name:
        year, week = name.split("-W")
        return make_week(date.fromisocalendar(int(year), int(week), 1))
    is_month = name.count("-") == 1
    return make_month(date.fromisoformat(f"{name}-01")) if is_month else _parse_day(name)


def _parse_day(name: str) -> Period:
    return make_day(date.fromisoformat(name))
