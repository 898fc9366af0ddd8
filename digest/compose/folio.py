"""What the folio line of a mail says: the day's number, and whose lists had anything new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from django.db.models import F, Min
from django.utils.translation import gettext as _

from digest.models import Folio, Paper, Source

REACH = timedelta(days=8)  # a list that has been silent for longer is not named
NEWS_FOR = timedelta(days=31)  # what was older when it was first seen was news to nobody


class FolioCache:
    """What a folio line says of a day: its number, and whose lists had anything new before it."""

    def __init__(self) -> None:
        self._by_day: dict[date, Folio] = {}

    def find_folio(self, day: date) -> Folio:
        if day not in self._by_day:
            start = datetime.combine(day, time(), UTC) - REACH
            lately = [s for s in self._sources if s.last_new_at and s.last_new_at > start]
            lists = ", ".join(list_source_names(lately))
            self._by_day[day] = Folio(number_day(day), lists)
        return self._by_day[day]

    @cached_property
    def _sources(self) -> list[Source]:
        return list(Source.objects.filter(last_new_at__isnull=False))


SHOWN_SOURCES = 4


_KINDS = {Source.Kind.HUGGINGFACE: "Hugging Face", Source.Kind.ARXIV: "arXiv"}


def find_first_day() -> date | None:
    """The first day that had papers; None when there is none at all."""
    first: datetime | None = Paper.objects.aggregate(first=Min("news_at"))["first"]
    return utc_date(first) if first else None


def utc_date(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def format_numbers(first_day: date, last_day: date) -> str:
    """The number of a day, or those of the first and the last: No. 212, Nos. 206–212.

    Empty for a day before the first.
    """
    last = number_day(last_day)
    first = max(1, last - (last_day - first_day).days)
    if not last:
        return ""
    return (
        _("Nos. %(first)s–%(last)s") % {"first": first, "last": last}
        if first < last
        else _("No. %(last)s") % {"last": last}
    )


def number_day(day: date) -> int:
    """The day's number, counted from the first day that brought papers; 0 before that.

    What a feed has of years ago is no first day, unless there is nothing else.
    """
    brought = Paper.objects.filter(first_seen_at__lte=F("news_at") + NEWS_FOR).order_by("news_at")
    news_at = brought.values_list("news_at", flat=True).first()
    first = utc_date(news_at) if news_at else find_first_day()
    return max(0, (day - first).days + 1) if first else 0


def list_source_names(sources: Iterable[Source]) -> list[str]:
    """The sources as a folio names them: each kind once, feeds by their titles, four at most."""
    return name_some(name_sources(sources))


def name_sources(sources: Iterable[Source]) -> list[str]:
    """Each kind of source once, in the order they were added; a feed by its title."""
    in_order = sorted(sources, key=lambda source: source.pk)
    return list(dict.fromkeys(_name_source(source) for source in in_order))


def name_some(names: list[str]) -> list[str]:
    """The first SHOWN_SOURCES of the names, and how many more there are."""
    more = len(names) - SHOWN_SOURCES
    return names if more <= 0 else [*names[:SHOWN_SOURCES], _("%(more)s more") % {"more": more}]


def _name_source(source: Source) -> str:
    name = _KINDS.get(Source.Kind(source.kind), source.title)
    # Made-up papers never pass for real ones.
    return (
        _("%(name)s (sample)") % {"name": name}
        if source.is_sample and source.kind in _KINDS
        else name
    )
