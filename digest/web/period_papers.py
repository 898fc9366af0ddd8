"""Which papers are a day's, a week's or a month's, and what its folio line says. All in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, Substr

from digest.compose.folio import name_some, name_sources, numbers_of, utc_date
from digest.models import Entry, Paper, PaperQuerySet, Source
from digest.web.periods import AROUND, Kind, Span

_FRIDAY = 4
_IN = {Kind.DAY: "on this day", Kind.WEEK: "in this week", Kind.MONTH: "in this month"}


@dataclass(frozen=True)
class Folio:
    """The line that opens a day, a week or a month, as in a journal, and the spans beside it."""

    span: Span
    numbers: str
    papers: int
    sources: list[str]
    kinds: int  # of sources, all of them; a line names only some
    newest: date  # the last day in it that has papers; without any, its last day
    previous: Span | None
    following: Span | None

    @property
    def others(self) -> int:
        """Sources besides the first, which alone a phone has room for."""
        return max(0, self.kinds - 1)

    @property
    def views(self) -> list[Span]:
        """The day, the week and the month that a reader can change to from here."""
        return [
            self.span if kind is self.span.kind else around(self.newest)
            for kind, around in AROUND.items()
        ]


def papers_of(span: Span) -> QuerySet[Paper]:
    """The papers that were news in it, the most talked about first."""
    return _news(span).trending()


def _news(span: Span) -> PaperQuerySet:
    return Paper.objects.filter(news_at__gte=span.starts_at, news_at__lt=span.ends_at)


def papers_a_day(span: Span) -> dict[date, int]:
    """How many papers were news on each of its days, the quiet ones included."""
    return count_by_day(_news(span), "news_at", span.days)


def count_by_day(rows: QuerySet[Any], field: str, among: list[date]) -> dict[date, int]:
    """How many of the rows fall on each of these days by that field."""
    # A date's first ten characters: for TruncDate, SQLite would call Python for every row.
    day = Substr(Cast(field, TextField()), 1, 10)
    counted = rows.order_by().annotate(day=day).values_list("day").annotate(rows=Count("pk"))
    counts = dict(counted)
    return {day: counts.get(f"{day}", 0) for day in among}


def newest_day() -> date | None:
    """The last day that has papers; None when there is none at all."""
    newest: datetime | None = Paper.objects.aggregate(newest=Max("news_at"))["newest"]
    return utc_date(newest) if newest else None


def folio(span: Span) -> Folio:
    papers, around = Paper.objects, AROUND[span.kind]
    earlier = papers.filter(news_at__lt=span.starts_at).aggregate(at=Max("news_at"))["at"]
    later = papers.filter(news_at__gte=span.ends_at).aggregate(at=Min("news_at"))["at"]
    within = _news(span).aggregate(papers=Count("pk"), newest=Max("news_at"))
    newest = utc_date(within["newest"]) if within["papers"] else span.last
    names = name_sources(_sources_of(span))
    return Folio(
        span=span,
        numbers=numbers_of(span.first, newest),
        papers=within["papers"],
        sources=name_some(names),
        kinds=len(names),
        newest=newest,
        previous=around(utc_date(earlier)) if earlier else None,
        following=around(utc_date(later)) if later else None,
    )


def _sources_of(span: Span) -> QuerySet[Source]:
    entries = Entry.objects.filter(
        source=OuterRef("pk"),
        paper__news_at__gte=span.starts_at,
        paper__news_at__lt=span.ends_at,
    )
    return Source.objects.filter(Exists(entries))


def quiet_reasons(span: Span, today: date) -> list[str]:
    """Why a span has no papers, one sentence each; never empty."""
    if span.kind is Kind.DAY and span.first.weekday() > _FRIDAY:
        return ["arXiv announces nothing on Saturdays and Sundays."]
    sources = Source.objects.filter(is_active=True)
    if not sources:
        return ["No source is switched on. An admin can add one."]
    if span.last < today:
        return [f"No source announced anything new {_IN[span.kind]}."]
    troubled = sources.exclude(state__in=[Source.State.HEALTHY, Source.State.NEW]).exclude(note="")
    return [f"{source.title}: {source.note}" for source in troubled] or [
        "The sources have not announced anything yet. They are asked many times a day."
    ]


def quiet_days(newest: date, today: date) -> list[date]:
    """The days without papers since the newest one with papers, today included."""
    return [newest + timedelta(days=n) for n in range(1, (today - newest).days + 1)]
