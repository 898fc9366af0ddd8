"""Which papers are a day's, and what its folio line says. A day is one in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Max, Min, QuerySet

from digest.models import Paper, Source

SHOWN_SOURCES = 4
_KINDS = {Source.Kind.HUGGINGFACE: "Hugging Face", Source.Kind.ARXIV: "arXiv"}
_FRIDAY = 4


@dataclass(frozen=True)
class Folio:
    """The line that opens a day, as in a journal, and the days with papers beside it."""

    day: date
    number: int
    papers: int
    sources: list[str]
    previous: date | None
    following: date | None


def papers_of(day: date) -> QuerySet[Paper]:
    """The papers that were news on this day, the most talked about first."""
    return Paper.objects.filter(news_at__gte=_start(day), news_at__lt=_end(day)).trending()


def newest_day() -> date | None:
    """The last day that has papers; None when there is none at all."""
    newest: datetime | None = Paper.objects.aggregate(newest=Max("news_at"))["newest"]
    return newest.astimezone(UTC).date() if newest else None


def folio(day: date) -> Folio:
    papers = Paper.objects
    earlier = papers.filter(news_at__lt=_start(day)).aggregate(day=Max("news_at"))["day"]
    later = papers.filter(news_at__gte=_end(day)).aggregate(day=Min("news_at"))["day"]
    return Folio(
        day=day,
        number=number_of(day),
        papers=papers_of(day).count(),
        sources=source_names(Source.objects.filter(entries__paper__in=papers_of(day)).distinct()),
        previous=earlier and earlier.astimezone(UTC).date(),
        following=later and later.astimezone(UTC).date(),
    )


def number_of(day: date) -> int:
    """The day's number, counted from the first day that had papers; 0 before that."""
    first: datetime | None = Paper.objects.aggregate(first=Min("news_at"))["first"]
    return max(0, (day - first.astimezone(UTC).date()).days + 1) if first else 0


def source_names(sources: Iterable[Source]) -> list[str]:
    """The sources as a folio names them: each kind once, feeds by their titles, four at most."""
    in_order = sorted(sources, key=lambda source: source.pk)
    names = list(dict.fromkeys(_name(source) for source in in_order))
    more = len(names) - SHOWN_SOURCES
    return names if more <= 0 else [*names[:SHOWN_SOURCES], f"{more} more"]


def _name(source: Source) -> str:
    name = _KINDS.get(Source.Kind(source.kind), source.title)
    # Made-up papers never pass for real ones.
    return f"{name} (sample)" if source.is_sample and source.kind in _KINDS else name


def quiet_reasons(day: date, today: date) -> list[str]:
    """Why a day has no papers, one sentence each; never empty."""
    if day.weekday() > _FRIDAY:
        return ["arXiv announces nothing on Saturdays and Sundays."]
    sources = Source.objects.filter(is_active=True)
    if not sources:
        return ["No source is switched on. An admin can add one."]
    if day < today:
        return ["No source announced anything new on this day."]
    troubled = sources.exclude(state__in=[Source.State.HEALTHY, Source.State.NEW]).exclude(note="")
    return [f"{source.title}: {source.note}" for source in troubled] or [
        "The sources have not announced anything yet. They are asked many times a day."
    ]


def quiet_days(newest: date, today: date) -> list[date]:
    """The days without papers since the newest one with papers, today included."""
    return [newest + timedelta(days=n) for n in range(1, (today - newest).days + 1)]


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _end(day: date) -> datetime:
    return _start(day) + timedelta(days=1)
