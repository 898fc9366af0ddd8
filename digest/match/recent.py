"""What a process keeps of the last 28 days' papers, so that a topic nobody follows yet is counted.

The stored normal forms, about 1 KB a paper: looking through 20,000 of them for a phrase takes some
20 ms, and no row is written for what somebody only tries.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from django.db.models import QuerySet

from digest.models import Paper
from subscribers.topics import Acronyms, ParsedTopic, Term, Text
from subscribers.topics.acronyms import other_forms
from subscribers.topics.index import name_keys, term_key

DAYS = 28
_NAMES = ("author", "org", "cat")
_AT_ONCE = 500  # SQLite takes no longer lists


class Recent:
    """Matched papers that were news in the 28 days up to `today`, as parallel lists."""

    def __init__(self, today: int) -> None:
        self.today = today  # as date.toordinal
        self.pks = array("q")
        self.days = array("l")
        self._forms: list[str] = []
        self._names: list[str] = []  # "" where not read yet
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.pks)

    def put(self, pk: int, day: int, form: str) -> None:
        """Add a paper, or replace it: its text may have changed."""
        place = self._places.setdefault(pk, len(self.pks))
        if place == len(self.pks):
            self.pks.append(pk)
            self.days.append(day)
            self._forms.append("")
            self._names.append("")
        self.days[place], self._forms[place], self._names[place] = day, form, ""

    @property
    def covered(self) -> int:
        """How many days, up to today, have been read; at least 1.

        From the first that brought a tenth of the fullest: a new installation also gets single
        papers of the weeks before.
        """
        days = self.per_day(range(len(self)))
        return DAYS - next(i for i, papers in enumerate(days) if 10 * papers >= max(days))

    def per_day(self, places: Iterable[int]) -> list[int]:
        """How many of these papers were news on each of the 28 days, today last."""
        counts = [0] * DAYS
        for place in places:
            counts[self.days[place] - self.today - 1] += 1
        return counts

    def candidates(self, topic: ParsedTopic, acronyms: Acronyms) -> list[int]:
        """Places of the papers that may hold the topic: `find` decides."""
        places: Sequence[int] = range(len(self))
        for term in topic.wanted:
            places = self._holding(term, acronyms, places)
        return list(places)

    def _holding(self, term: Term, acronyms: Acronyms, places: Sequence[int]) -> list[int]:
        if term.field in _NAMES:
            return self.with_any([f" {term_key(term)} "], places, self._read_names())
        return self.with_any([f" {form} " for form in other_forms(term, acronyms)], places)

    def with_any(
        self, phrases: Sequence[str], places: Sequence[int], forms: Sequence[str] = ()
    ) -> list[int]:
        """Those of the places whose normal form holds one of the padded phrases."""
        forms = forms or self._forms
        held: set[int] = set()
        for phrase in phrases:
            held.update([place for place in places if phrase in forms[place]])
        return sorted(held)

    def _read_names(self) -> list[str]:
        """Authors, organization and categories of every paper; few topics ask for them."""
        missing = [self.pks[i] for i, names in enumerate(self._names) if not names]
        for start in range(0, len(missing), _AT_ONCE):
            papers = Paper.objects.filter(pk__in=missing[start : start + _AT_ONCE])
            for pk, *fields in papers.values_list("pk", "authors", "organization", "categories"):
                self._names[self._places[pk]] = _names_of(*fields)
        return self._names


def _names_of(authors: list[str], organization: str, categories: list[str]) -> str:
    text = Text("", "", tuple(map(str, authors)), organization, tuple(map(str, categories)))
    return f" {' '.join(dict.fromkeys(name_keys(text)))} "


class _Shelf:
    """The one `Recent` of this process, and the state of the rows it was made of."""

    def __init__(self) -> None:
        self.recent = Recent(0)
        self.newest: tuple[object, ...] = ()
        self.oldest: tuple[int, str] = (0, "")  # a paper's id and identifier
        self.matched_at: datetime | None = None
        self.lock = Lock()


_shelf = _Shelf()
_LAP = timedelta(minutes=30)  # another worker's transaction may end after a later one's


def recent_papers(now: datetime) -> Recent:
    """Return the papers of the 28 days up to now; one short query tells whether they changed."""
    today = now.astimezone(UTC).date().toordinal()
    papers = Paper.objects.filter(matched_at__isnull=False)
    newest = (today, *papers.order_by("-pk").values_list("pk", "identifier", "matched_at")[:1])
    with _shelf.lock:
        if newest != _shelf.newest:
            _read(papers, today, now)
            _shelf.newest = newest
        return _shelf.recent


def _read(papers: QuerySet[Paper], today: int, now: datetime) -> None:
    """Read what was matched since the last time; on a new day, or in a new database, all of it."""
    if today != _shelf.recent.today or not _is_there(papers):
        _shelf.recent, _shelf.oldest, _shelf.matched_at = Recent(today), (0, ""), None
    news = papers.filter(news_at__gt=now - timedelta(days=DAYS), news_at__lte=now).order_by("pk")
    if _shelf.matched_at:
        news = news.filter(matched_at__gt=_shelf.matched_at - _LAP)
    columns = ("pk", "identifier", "news_at", "normal_form", "matched_at")
    for pk, identifier, news_at, form, matched_at in news.values_list(*columns).iterator():
        day = news_at.astimezone(UTC).date().toordinal()
        if day > today - DAYS:
            _shelf.recent.put(pk, day, form)
        if not _shelf.matched_at:
            _shelf.oldest, _shelf.matched_at = (pk, identifier), matched_at
        _shelf.matched_at = max(_shelf.matched_at, matched_at)


def _is_there(papers: QuerySet[Paper]) -> bool:
    pk, identifier = _shelf.oldest
    return papers.filter(pk=pk, identifier=identifier).exists()
