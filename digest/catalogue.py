"""What a process keeps of the papers so that they can be searched: their normal forms and names.

About 1.3 KB a paper; looking through 20,000 of them for a phrase takes some 10 ms on any database,
where the database itself would read every row from end to end. No row is written for it.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from threading import Lock
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from digest.models import Paper
from subscribers.learned import read_acronyms
from subscribers.models import Acronym
from subscribers.topics import NO_ACRONYMS, Acronyms, ParsedTopic, Term
from subscribers.topics.acronyms import other_forms
from subscribers.topics.words import fold

KEPT = 40_000  # the papers that came last; some 55 MB
_SPARE = 4_000  # so many more before the oldest are dropped
_LAP = timedelta(minutes=30)  # another worker's transaction may end after a later one's
_NAMES = ("author", "org", "cat")
_BEGINNING = 4  # letters of a name that spelling rules leave alone
_BITS = [1 << n for n in range(1024)]
_NO_APOSTROPHES = {ord(sign): None for sign in "'’ʼ"}


class Catalogue:
    """Matched papers as parallel lists, in the order they came."""

    def __init__(self) -> None:
        self.pks = array("q")
        self._forms: list[str] = []
        self._signs: list[int] = []  # see `_sign`
        self._names: list[str] = []  # authors, organization and categories, folded
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.pks)

    def put(self, pk: int, form: str, names: str) -> None:
        """Add a paper, or replace it: its text may have changed."""
        place = self._places.setdefault(pk, len(self.pks))
        if place == len(self.pks):
            self.pks.append(pk)
            self._forms.append("")
            self._signs.append(0)
            self._names.append("")
        self._forms[place], self._names[place] = form, names
        self._signs[place] = _sign(form)

    def candidates(self, topic: ParsedTopic, acronyms: Acronyms) -> set[int]:
        """Ids of the papers that may hold the topic, and of few others: `find` decides."""
        places: Sequence[int] = range(len(self))
        for term in sorted(topic.wanted, key=lambda term: -len(term.key)):
            places = self._holding(term, acronyms, places)
        return {self.pks[place] for place in places}

    def _holding(self, term: Term, acronyms: Acronyms, places: Sequence[int]) -> list[int]:
        if term.field in _NAMES:
            return self._named([word.folded[:_BEGINNING] for word in term.words], places)
        found = set[int]()
        for form in other_forms(term, acronyms):
            phrase, sign, forms, signs = f" {form} ", _sign(form), self._forms, self._signs
            found.update(i for i in places if signs[i] & sign == sign and phrase in forms[i])
        return sorted(found)

    def _named(self, parts: Sequence[str], places: Sequence[int]) -> list[int]:
        names, found = self._names, list(places)
        for part in sorted(parts, key=len, reverse=True):
            found = [i for i in found if part in names[i]]
        return found


def _sign(form: str) -> int:
    """One bit of 1,024 for each stem: a paper whose bits lack one of a phrase's cannot hold it.

    To compare two numbers takes a twentieth of looking through a text. The same stem has another
    bit in another process, which never sees it.
    """
    return reduce(or_, [_BITS[hash(stem) % len(_BITS)] for stem in set(form.split())], 0)


class _Desk:
    """The one catalogue of this process, and the state of the rows it was made of."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self.newest: Any = None
        self.oldest: tuple[int, str] = (0, "")  # a paper's id and identifier
        self.matched_at: datetime | None = None
        self.newest_acronym: Any = None
        self.acronyms = NO_ACRONYMS
        self.lock = Lock()


_desk = _Desk()


def acronyms() -> Acronyms:
    """Return what stage 3 learned from the papers last."""
    rows = Acronym.objects.order_by("-pk")
    newest = rows.values_list("pk", "short", "learned_on").first()
    with _desk.lock:
        if newest != _desk.newest_acronym:
            _desk.acronyms, _desk.newest_acronym = read_acronyms(), newest
        return _desk.acronyms


def catalogue() -> Catalogue:
    """Return the catalogue of all matched papers; one short query tells whether they changed."""
    papers = Paper.objects.filter(matched_at__isnull=False)
    newest = papers.order_by("-pk").values_list("pk", "identifier", "matched_at").first()
    with _desk.lock:
        if newest != _desk.newest:
            _read(papers)
            _desk.newest = newest
        return _desk.catalogue


def _read(papers: QuerySet[Paper]) -> None:
    """Read what was matched since the last time; in a new database, or at its limit, all of it."""
    if len(_desk.catalogue) > KEPT + _SPARE or not _is_there(papers):
        _desk.catalogue, _desk.oldest, _desk.matched_at = Catalogue(), (0, ""), None
    news = papers.order_by("-pk")
    if _desk.matched_at:
        news = news.filter(matched_at__gt=_desk.matched_at - _LAP)
    # The names as text: to read 20,000 lists of authors as JSON would take longer than all else.
    columns = ("pk", "identifier", "matched_at", "normal_form", "organization", "names", "kinds")
    named = news.annotate(names=Cast("authors", TextField()), kinds=Cast("categories", TextField()))
    _put(list(named.values_list(*columns)[:KEPT]))


def _put(rows: Iterable[tuple[Any, ...]]) -> None:
    for pk, identifier, matched_at, form, organization, *names in reversed(list(rows)):
        if not _desk.matched_at:
            _desk.oldest, _desk.matched_at = (pk, identifier), matched_at
        text = " ".join([organization, *map(_spelled, names)])
        _desk.catalogue.put(pk, form, fold(text).translate(_NO_APOSTROPHES))
        _desk.matched_at = max(_desk.matched_at, matched_at)


def _spelled(names: str) -> str:
    """A list of names as JSON, fit for looking in it; SQLite keeps it in ASCII."""
    return " ".join(map(str, json.loads(names))) if "\\u" in names else names


def _is_there(papers: QuerySet[Paper]) -> bool:
    pk, identifier = _desk.oldest
    return papers.filter(pk=pk, identifier=identifier).exists()
