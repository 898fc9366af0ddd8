"""Authors and dates where sources differ: the fuller list, and the date that is not the odd one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from digest.identifiers import find_arxiv_number
from digest.ingest.people import name_same_people, share_an_author
from digest.ingest.text.names import list_names

# Sources that date one paper farther apart than this do not mean the same day of it.
FAR = timedelta(days=366)


def choose_authors(old: Sequence[str], new: Sequence[str], *, is_newer: bool) -> list[str]:
    """The list that names the authors better; `is_newer`: the new one is of a later version."""
    if not new or not old:
        return list(new or old)
    if list_names(old) != tuple(old) and list_names(new) == tuple(new):
        return list(new)  # the old one was read badly: "Lunt, A., Karr, B.", "Unknown"
    if not share_an_author(old, new):
        return list(old)
    if is_newer or len(new) > len(old):
        return list(new)
    is_fuller = sum(map(len, new)) > sum(map(len, old))
    return list(new if is_fuller and name_same_people(old, new) else old)


def choose_date(identifier: str, old: datetime, new: datetime, *, is_rough: bool) -> datetime:
    """The paper's own date: the earlier one, unless it is less exact or the odd one.

    `is_rough`: of the new one only the month, or the year, was written.
    """
    if abs(new - old) > FAR:
        if month := _find_arxiv_month(identifier):
            return min(old, new, key=lambda moment: abs(moment - month))
        return max(old, new)  # papers are seen when they are new
    if is_rough or _covers(old, new):
        return new if _covers(old, new) and not is_rough else old
    return min(old, new)


def _covers(rough: datetime, exact: datetime) -> bool:
    """Whether one date is the first of the month, or of the year, in which the other one lies."""
    is_first = (rough.day, rough.hour, rough.minute) == (1, 0, 0) and rough < exact
    months = (rough.month,) if rough.month > 1 else range(1, 13)
    return is_first and rough.year == exact.year and exact.month in months


def _find_arxiv_month(identifier: str) -> datetime | None:
    """The month that an arXiv number begins with: https://info.arxiv.org/help/arxiv_identifier.html."""
    number = find_arxiv_number(identifier)
    digits = number.rpartition("/")[2][:4]
    if len(digits) < 4:
        return None
    year = int(digits[:2])
    return datetime(year + (1900 if year > 90 else 2000), int(digits[2:]), 15, tzinfo=UTC)
