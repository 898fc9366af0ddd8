"""Which papers are a day's, a week's or a month's, and what its folio line says. All in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Substr

from digest.compose.folio import format_numbers, name_some, name_sources, utc_date
from digest.models import Entry, Paper, PaperQuerySet, Snapshot, Source
from digest.web.periods import MAKERS, Period, PeriodKind


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


def select_papers(period: Period) -> PaperQuerySet:
    """The papers that were news in the period, the most talked about first.

    On a day by their trend. In a week or a month by the votes they gained in it, since trends have
    faded by then at different moments; of as many by the trend.
    """
    if period.kind is PeriodKind.DAY:
        return select_news(period).trending()
    papers = select_news(period).annotate(gained=_count_votes_gained(period))
    return papers.order_by("-gained", "-trend", "-news_at", "pk")


def _count_votes_gained(period: Period) -> Combinable:
    """The last count in the period, less the last one before it."""
    counts = Snapshot.objects.filter(paper=OuterRef("pk")).order_by("-taken_at")
    before = counts.filter(taken_at__lt=period.starts_at).values("upvotes")[:1]
    last = counts.filter(taken_at__lt=period.ends_at).values("upvotes")[:1]
    gained = Coalesce(Subquery(last), 0) - Coalesce(Subquery(before), 0)
    # Of papers that never had a trend nobody counted anything: most of them, not looked up.
    return Case(When(trend__gt=0, then=gained), default=0, output_field=IntegerField())


def select_news(period: Period) -> PaperQuerySet:
    """The same in no order."""
    return Paper.objects.filter(news_at__gte=period.starts_at, news_at__lt=period.ends_at)


def count_papers_per_day(period: Period) -> dict[date, int]:
    """How many papers were news on each of the period's days, the quiet ones included."""
    return count_by_day(select_news(period), "news_at", period.days)


def count_by_day(rows: QuerySet[Any], field: str, among: list[date]) -> dict[date, int]:
    """How many of the rows fall on each of these days by that field."""
    days = rows.order_by().annotate(day=make_day_text(field))
    counts = dict(days.values_list("day").annotate(rows=Count("pk")))
    return {day: counts.get(f"{day}", 0) for day in among}


def make_day_text(field: str) -> Substr:
    """The day of a moment, as 2026-04-22: for TruncDate SQLite would call Python for every row."""
    return Substr(Cast(field, TextField()), 1, 10)


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
        paper__news_at__gte=period.starts_at, paper__news_at__lt=period.ends_at
    )
    if period.kind is PeriodKind.DAY:  # else each source that brought none reads all its papers
        return Source.objects.filter(pk__in=entries.order_by().values("source"))
    return Source.objects.filter(Exists(entries.filter(source=OuterRef("pk"))))
