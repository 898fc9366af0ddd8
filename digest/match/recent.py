"""The papers that were news in the last 28 days, so that a topic nobody follows yet is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from digest.match.catalogue import Catalogue
from digest.match.catalogue_cache import DAYS, catalogue
from subscribers.topics import Acronyms, ParsedTopic

_DAY = int(timedelta(days=1).total_seconds())


class Recent:
    """Papers of the catalogue that were news in the 28 days up to `now`, by their places in it."""

    def __init__(self, papers: Catalogue, now: datetime) -> None:
        last = int(now.timestamp())
        self._papers = papers
        self._today = last // _DAY  # days since 1970, in UTC
        first = (self._today - DAYS + 1) * _DAY
        news = papers.news
        self.places = [place for place in range(len(papers)) if first <= news[place] <= last]
        self.pks = papers.pks

    def __len__(self) -> int:
        return len(self.places)

    @property
    def covered(self) -> int:
        """How many days, up to today, have been read; at least 1.

        From the first that brought a tenth of the fullest: a new installation also gets single
        papers of the weeks before.
        """
        days = self.per_day(self.places)
        return DAYS - next(i for i, papers in enumerate(days) if 10 * papers >= max(days))

    def per_day(self, places: Iterable[int]) -> list[int]:
        """How many of these papers were news on each of the 28 days, today last."""
        counts, news = [0] * DAYS, self._papers.news
        for place in places:
            day = news[place] // _DAY - self._today - 1
            if -DAYS <= day < 0:  # else it became news anew meanwhile
                counts[day] += 1
        return counts

    def candidates(self, topic: ParsedTopic, acronyms: Acronyms) -> list[int]:
        """Places of the papers that may hold the topic: `find` decides."""
        return self._papers.candidates(topic, acronyms, self.places)

    def with_any(self, phrases: Iterable[str], places: Sequence[int]) -> list[int]:
        """Those of the places whose normal form holds one of the padded phrases."""
        return self._papers.with_any(phrases, places)

    def forms_with(self, phrase: str) -> list[str]:
        """The normal forms that hold a padded phrase: title | abstract."""
        return self._papers.forms_at(self.with_any([phrase], self.places))


class _Seen:
    """The last `Recent` of this process, and what it was made of."""

    def __init__(self) -> None:
        self.recent: Recent | None = None
        self.made_of: tuple[object, ...] = ()
        self.lock = Lock()


_seen = _Seen()


def recent_papers(now: datetime) -> Recent:
    """Return the papers of the 28 days up to now, as far as stage 3 has read them."""
    papers = catalogue()
    made_of = (papers, papers.changes, now.astimezone(UTC).date())
    with _seen.lock:
        if _seen.recent is None or made_of != _seen.made_of:
            _seen.recent, _seen.made_of = Recent(papers, now), made_of
        return _seen.recent
