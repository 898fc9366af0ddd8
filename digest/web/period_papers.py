"""Which papers are a day's, a week's or a month's, and what its folio line says. All in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from digest.compose.folio import format_numbers, name_some, name_sources, utc_date
from digest.models import Entry, Paper, PaperQuerySet, Source
from digest.watch import source_age
from digest.web.periods import MAKERS, Period, PeriodKind

_FRIDAY = 4
_IN = {
    PeriodKind.DAY: "on this day",
    PeriodKind.WEEK: "in this week",
    PeriodKind.MONTH: "in this month",
}


@dataclass(frozen=True)
class Folio:
    """The line that opens a day, a week or a month, as in a journal, and the periods beside it."""

    period: Period
    numbers: str
    papers: int
    sources: list[str]
    kinds: int  # of sources, all of them; a line names only some
    newest: date  # the last day in it that has papers; without any, its last day
    previous: Period | None
    following: Period | None

    @property
    def others(self) -> int:
        """Sources besides the first, which alone a phone has room for."""
        return max(0, self.kinds - 1)

    @property
    def views(self) -> list[Period]:
        """The day, the week and the month that a page can lead to from here."""
        return [
            self.period if kind is self.period.kind else make(self.newest)
            for kind, make in MAKERS.items()
        ]


def select_papers(period: Period) -> QuerySet[Paper]:
    """The papers that were news in the period, the most talked about first."""
    return select_news(period).trending()


def select_news(period: Period) -> PaperQuerySet:
    """The same in no order."""
    return Paper.objects.filter(news_at__gte=period.starts_at, news_at__lt=period.ends_at)


def count_papers_per_day(period: Period) -> dict[date, int]:
    """How many papers were news on each of the period's days, the quiet ones included."""
    return count_by_day(select_news(period), "news_at", period.days)


def count_by_day(rows: QuerySet[Any], field: str, among: list[date]) -> dict[date, int]:
    """How many of the rows fall on each of these days by that field."""
    # A date's first ten characters: for TruncDate, SQLite would call Python for every row.
    day = Substr(Cast(field, TextField()), 1, 10)
    counted = rows.order_by().annotate(day=day).values_list("day").annotate(rows=Count("pk"))
    counts = dict(counted)
    return {day: counts.get(f"{day}", 0) for day in among}


def find_newest_day() -> date | None:
    """The last day that has papers; None when there is none at all."""
    newest: datetime | None = Paper.objects.aggregate(newest=Max("news_at"))["newest"]
    return utc_date(newest) if newest else None


def make_folio(period: Period) -> Folio:
    """Describe a period: its papers, their sources, and the periods with papers beside it."""
    papers, make = Paper.objects, MAKERS[period.kind]
    earlier = papers.filter(news_at__lt=period.starts_at).aggregate(at=Max("news_at"))["at"]
    later = papers.filter(news_at__gte=period.ends_at).aggregate(at=Min("news_at"))["at"]
    within = select_news(period).aggregate(papers=Count("pk"), newest=Max("news_at"))
    newest = utc_date(within["newest"]) if within["papers"] else period.last
    names = name_sources(_select_sources(period))
    return Folio(
        period=period,
        numbers=format_numbers(period.first, newest),
        papers=within["papers"],
        sources=name_some(names),
        kinds=len(names),
        newest=newest,
        previous=make(utc_date(earlier)) if earlier else None,
        following=make(utc_date(later)) if later else None,
    )


def _select_sources(period: Period) -> QuerySet[Source]:
    entries = Entry.objects.filter(
        source=OuterRef("pk"),
        paper__news_at__gte=period.starts_at,
        paper__news_at__lt=period.ends_at,
    )
    return Source.objects.filter(Exists(entries))


def explain_quiet(period: Period, today: date) -> list[str]:
    """Return why a period has no papers, one sentence for each reason; never empty.

    A reason is given only where somebody asked; with its time, so that it stays true as it ages.
    """
    sources = list(Source.objects.filter(is_active=True))
    if not sources:
        return ["No source is switched on. An admin can add one."]
    troubled = _list_troubles(sources)
    if unread := _explain_unread(period):
        return [unread] if period.last < today else [unread, *troubled]
    if period.kind is PeriodKind.DAY and period.first.weekday() > _FRIDAY:
        return ["arXiv announces nothing on Saturdays and Sundays."]
    if period.last < today:
        return [f"No source announced anything new {_IN[period.kind]}."]
    last = source_age.find_last_read()
    at = f", as of {source_age.write_moment(last)}" if last else ""
    return troubled or [
        f"The sources have not announced anything yet{at}. They are asked many times a day."
    ]


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
        return "The sources could not be read yet. They are asked many times a day."
    if last < period.starts_at:
        since = source_age.write_moment(last)
        return f"No source has been read since {since}, so it is not known what was announced."
    noted_from = source_age.find_first_noted_day()
    if noted_from is None or period.first < noted_from:
        return f"Nothing is stored that was announced {_IN[period.kind]}."
    return f"No source could be read {_IN[period.kind]}, so it is not known what was announced."


def list_quiet_days(newest: date, today: date) -> list[date]:
    """The days without papers since the newest one with papers, today included."""
    return [newest + timedelta(days=n) for n in range(1, (today - newest).days + 1)]
