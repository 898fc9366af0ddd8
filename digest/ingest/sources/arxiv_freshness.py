"""How fresh arXiv's list is, judged category by category.

arXiv's feeds are empty on weekends and holidays, and it can also go on serving yesterday's list
under today's date, for one category or for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from digest.ingest.sources.parsed import ParsedDocument

_EASTERN = ZoneInfo("America/New_York")
# Lists are built at midnight Eastern (https://info.arxiv.org/help/rss.html); before three in the
# morning nobody should call one late.
_GRACE = timedelta(hours=3)

_CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")

Freshness = dict[str, dict[str, Any]]  # {category: {"listed_on": ISO date, "new": count}}


@dataclass(frozen=True)
class ListState:
    """How fresh a source is, as its state and a sentence; both empty when all is well."""

    freshness: Freshness
    state: str = ""  # "", empty or stale
    sentence: str = ""


def read_categories(url: str) -> list[str]:
    """The categories that a list's address asks for, as in …/rss/cs.CL+cs.LG.

    None for the query API, whose address holds a search.
    """
    path = unquote(urlsplit(url).path)
    names = re.split(r"[+\s]+", path.rstrip("/").rpartition("/")[2])
    return [name for name in names if "/api/" not in path and _CATEGORY.fullmatch(name)]


def find_expected_day(now: datetime) -> date:
    """The working day, in arXiv's zone, whose list should be out by now."""
    day = (now.astimezone(_EASTERN) - _GRACE).date()
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return day


def is_weekend(now: datetime) -> bool:
    """Whether arXiv announces nothing on this day."""
    return now.astimezone(_EASTERN).weekday() >= 5


def judge_freshness(
    known: Freshness,
    document: ParsedDocument | None,
    new_guids: frozenset[str],
    url: str,
    now: datetime,
) -> ListState:
    """Judge a list by what was new in each category.

    `known` is what the last judgement came to; `document` is None where the answer was 304 Not
    Modified; `new_guids` are those entries of it that were not stored before. A list that bears
    today's date but holds nothing new is yesterday's.
    """
    freshness = dict(known)
    if document is not None:
        freshness |= _find_renewed(known, document, new_guids, read_categories(url))
        if not document.entries and document.is_whole:
            return ListState(freshness, "empty", _explain_empty(now))
    elif is_weekend(now):
        return ListState(freshness, "empty", _explain_empty(now))
    late = _find_late(freshness, document, url, find_expected_day(now))
    if not late or is_weekend(now):
        return ListState(freshness)
    return ListState(
        freshness, "stale", _explain_stale(late, len(freshness), find_expected_day(now))
    )


def _find_late(
    freshness: Freshness, document: ParsedDocument | None, url: str, expected: date
) -> dict[str, date]:
    """The categories whose list should have been renewed by now, and the day it is still of."""
    days = {name: date.fromisoformat(row["listed_on"]) for name, row in freshness.items()}
    late = {name: day for name, day in days.items() if day < expected}
    if document is None:
        # A small category may have had nothing for days; only all of them together tell.
        return late if len(late) == len(days) else {}
    present = _list_present(document, read_categories(url))
    return {name: day for name, day in late.items() if name in present}


def _find_renewed(
    known: Freshness, document: ParsedDocument, new_guids: frozenset[str], names: list[str]
) -> Freshness:
    """The categories in which the list held something new, and the day it is of.

    Counted are papers, not replacements; what comes later on one day is added.
    """
    counts: dict[str, int] = {}
    for entry in document.entries:
        if entry.guid in new_guids:
            for name in _filter_requested(entry.categories, names):
                counts[name] = counts.get(name, 0) + (not entry.is_replacement)
    if not document.listed_on:
        return {}
    day = document.listed_on.isoformat()
    before = {name: row["new"] for name, row in known.items() if row["listed_on"] == day}
    return {
        name: {"listed_on": day, "new": count + before.get(name, 0)}
        for name, count in sorted(counts.items())
    }


def _list_present(document: ParsedDocument, names: list[str]) -> set[str]:
    return {
        name for entry in document.entries for name in _filter_requested(entry.categories, names)
    }


def _filter_requested(categories: Iterable[str], names: list[str]) -> set[str]:
    """Those of the asked-for names that an entry's categories fall under; `cs` means all of cs.*"""
    return {name for name in names for c in categories if c == name or c.startswith(f"{name}.")}


def _explain_empty(now: datetime) -> str:
    if is_weekend(now):
        return _("arXiv announces nothing on Saturdays and Sundays.")
    return _("arXiv's list is empty: a holiday, perhaps, or today's list is not out yet.")


def _explain_stale(late: dict[str, date], of: int, expected: date) -> str:
    newest = max(late.values())
    if len(late) >= of:
        said = _(
            "arXiv's list is still that of %(newest)s; %(expected)s is not out "
            "(a holiday, or arXiv is late)."
        )
    else:
        said = _(
            "The list of %(late)s is still that of %(newest)s; %(expected)s is not out "
            "(a holiday, or arXiv is late)."
        )
    days = {"newest": _format_day(newest), "expected": _format_day(expected)}
    return said % (days | {"late": ", ".join(sorted(late))})


def _format_day(day: date) -> str:
    return date_format(day, "l j F")
