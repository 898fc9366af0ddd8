"""The papers that were news in the last 28 days, so that a topic nobody follows yet is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from digest.match.catalogue import Catalogue
from digest.match.catalogue_cache import DAYS
from digest.models import Paper
from subscribers.topics import Acronyms, ParsedTopic

_DAY_SECONDS = int(timedelta(days=1).total_seconds())


class RecentPapers:
    """Papers of the catalogue that were news in the 28 days up to `now`, by their positions."""

    def __init__(self, catalogue: Catalogue, now: datetime) -> None:
        last = int(now.timestamp())
        self._catalogue = catalogue
        self._today = last // _DAY_SECONDS  # days since 1970, in UTC
        first = (self._today - DAYS + 1) * _DAY_SECONDS
        self._span = (first, last)
        news_at = catalogue.news_at
        self.positions = [i for i in range(len(catalogue)) if first <= news_at[i] <= last]
        self.pks = catalogue.pks

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def days_covered(self) -> int:
        """How many days, up to today, have been read; at least 1.

        From the first that brought a tenth of the fullest: a new installation also gets single
        papers of the weeks before.
        """
        days = self.count_per_day(self.positions)
        return DAYS - next(i for i, papers in enumerate(days) if 10 * papers >= max(days))

    def count_per_day(self, positions: Iterable[int]) -> list[int]:
        """How many of these papers were news on each of the 28 days, today last."""
        counts, news_at = [0] * DAYS, self._catalogue.news_at
        for position in positions:
            day = news_at[position] // _DAY_SECONDS - self._today - 1
            if -DAYS <= day < 0:  # else it became news anew meanwhile
                counts[day] += 1
        return counts

    def get_news_at(self, position: int) -> int:
        """When the paper at this position was news, in seconds since 1970."""
        return self._catalogue.news_at[position]

    def list_day(self, day: date) -> Iterator[tuple[int, str]]:
        """The ids and normal forms of the papers that were news on this day, in UTC."""
        start = int(datetime.combine(day, time(), UTC).timestamp())
        news_at, end = self._catalogue.news_at, start + _DAY_SECONDS
        positions = [i for i in self.positions if start <= news_at[i] < end]
        forms = self._catalogue.list_normal_forms(positions)
        yield from zip((self.pks[i] for i in positions), forms, strict=True)

    def find_candidates(self, topic: ParsedTopic, acronyms: Acronyms) -> list[int]:
        """Positions of the papers that may hold the topic: `find` decides."""
        return self._catalogue.find_candidates(topic, acronyms, self.positions)

    def find_positions(self, pks: Iterable[int]) -> list[int]:
        """The positions of those of the papers, given by their ids, that are among these."""
        (first, last), news_at = self._span, self._catalogue.news_at
        positions = map(self._catalogue.find_position, pks)
        return [i for i in positions if i is not None and first <= news_at[i] <= last]

    def filter_by_phrases(self, phrases: Iterable[str], positions: Sequence[int]) -> list[int]:
        """Those of the positions whose normal form holds one of the padded phrases."""
        return self._catalogue.filter_by_phrases(phrases, positions)

    def list_normal_forms(self, positions: Iterable[int]) -> list[str]:
        """The normal forms of the papers at these positions: title | abstract."""
        return self._catalogue.list_normal_forms(positions)

    def read_forms(self, pks: Iterable[int]) -> list[str]:
        """The normal forms of these papers, however old: from the database those not in memory."""
        ids, catalogue = sorted(pks), self._catalogue
        places = {pk: place for pk in ids if (place := catalogue.find_position(pk)) is not None}
        forms = dict(zip(places, catalogue.list_normal_forms(places.values()), strict=True))
        if missing := [pk for pk in ids if pk not in forms]:
            forms |= dict(Paper.objects.filter(pk__in=missing).values_list("pk", "normal_form"))
        return [forms[pk] for pk in ids if pk in forms]

    def find_normal_forms(self, phrase: str) -> list[str]:
        """The normal forms that hold a padded phrase: title | abstract."""
        positions = self.filter_by_phrases([phrase], self.positions)
        return self._catalogue.list_normal_forms(positions)
