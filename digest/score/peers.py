"""Whom a paper's votes are measured against: the papers of its day, its category, its age.

A category with fewer than SMALLEST_GROUP papers borrows from its archive (all of math for math.NA),
and an archive with fewer from all that were counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from statistics import median

from digest.score.signals import SIGNAL_NAMES, PopularitySignals

SMALLEST_GROUP = 5
DAYS_COMPARED = 3  # a paper's place is among those listed on its day and the two before
_EVERYTHING = ""


def list_groups(category: str) -> list[str]:
    """What a paper of this category is compared with, the nearest first: math.NA, math, all."""
    archive = category.partition(".")[0]
    return list(dict.fromkeys([category, archive, _EVERYTHING]))


class GroupMedians:
    """The medians of one day and category, or of what that borrows from."""

    def __init__(self, signs: Iterable[PopularitySignals]) -> None:
        self._groups = defaultdict[tuple[date, str], list[PopularitySignals]](list)
        for sign in signs:
            if sign.is_popular:
                for name in list_groups(sign.category):
                    self._groups[sign.listed_at.date(), name].append(sign)
        self._medians: dict[tuple[date, str], dict[str, float]] = {}

    def find_group(self, sign: PopularitySignals) -> tuple[str, int]:
        """Whom a paper is measured against: a category ("" for the whole day), how many papers."""
        day = sign.listed_at.date()
        for name in list_groups(sign.category):
            if len(self._groups[day, name]) >= SMALLEST_GROUP:
                break
        return name, len(self._groups[day, name])

    def find_medians(self, sign: PopularitySignals) -> Mapping[str, float]:
        group = sign.listed_at.date(), self.find_group(sign)[0]
        if group not in self._medians:
            rows = [one.list_counts() for one in self._groups[group]]
            self._medians[group] = {
                name: float(median(row[name] for row in rows)) if rows else 0.0
                for name in SIGNAL_NAMES
            }
        return self._medians[group]


class UsualVotes:
    """How many votes a category's papers usually have at an age, by those of the last two weeks."""

    def __init__(self, signs: Iterable[PopularitySignals]) -> None:
        self._groups = defaultdict[str, list[PopularitySignals]](list)
        for sign in signs:
            if sign.is_popular:
                for name in list_groups(sign.category):
                    self._groups[name].append(sign)
        self._usual: dict[tuple[str, timedelta], float] = {}

    def find_usual(self, sign: PopularitySignals, now: datetime) -> float:
        """The median at the paper's age of those that were that old by `now`, itself among them."""
        key = sign.category, now - sign.listed_at
        if key not in self._usual:
            self._usual[key] = self._compute_usual(*key, now)
        return self._usual[key]

    def _compute_usual(self, category: str, age: timedelta, now: datetime) -> float:
        votes: list[int] = []
        for name in list_groups(category):
            old_enough = (one for one in self._groups[name] if one.listed_at + age <= now)
            counted = (one.find_votes_at(age) for one in old_enough)
            votes = [count for count in counted if count is not None]
            if len(votes) >= SMALLEST_GROUP:
                break
        return float(median(votes)) if votes else 0.0


def rank_among_days(
    signs: Iterable[PopularitySignals], talked: Mapping[int, float]
) -> Iterator[tuple[PopularitySignals, int, int]]:
    """The place of each paper by how much it was talked about, and among how many papers.

    Compared are the counted papers listed on its day and the DAYS_COMPARED - 1 days before: days
    that come later change nothing. Papers nobody counted have no place.
    """
    by_day = defaultdict[date, list[PopularitySignals]](list)
    for sign in signs:
        if sign.is_popular:
            by_day[sign.listed_at.date()].append(sign)
    for day, papers in list(by_day.items()):
        days = [day - timedelta(days=n) for n in range(DAYS_COMPARED)]
        pool = [talked[one.paper_id] for other in days for one in by_day.get(other, ())]
        for sign in papers:
            place = 1 + sum(value > talked[sign.paper_id] for value in pool)
            yield sign, place, len(pool)
