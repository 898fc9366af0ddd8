"""The one catalogue of this process, kept as the rows are, and what stands in for it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from threading import Lock

from django.db.models import Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from digest.match.catalogue import Catalogue
from digest.models import Paper
from subscribers.acronyms import read_acronyms
from subscribers.models import Acronym
from subscribers.topics import NO_ACRONYMS, Acronyms, ParsedTopic, Term
from subscribers.topics.acronyms import other_forms

KEPT = 40_000  # the papers that came last; and all that were news in the last days
DAYS = 28
_SPARE = 4_000  # so many more before the oldest are dropped
_LAP = timedelta(minutes=30)  # another worker's transaction may end after a later one's
_BEGINNING = 2  # letters of a name that spelling rules leave alone
_ODD = r"[^ -~]|\\u"  # a name that folding changes; SQLite keeps JSON in ASCII
_NAMES = ("author", "org", "cat")
_COLUMNS = ("pk", "identifier", "news_at", "normal_form", "names", "organization", "kinds")


class Rows:
    """The papers as the database has them: slower to search, and always ready."""

    def may_hold(self, topic: ParsedTopic, acronyms: Acronyms) -> set[int]:
        """As `Catalogue.may_hold`."""
        columns = (_text("authors"), Value(" "), "organization", Value(" "), _text("categories"))
        said = Concat(*columns, output_field=TextField())
        papers = _matched().annotate(said=said)
        for term in topic.wanted:
            papers = papers.filter(_may_hold(term, acronyms))
        return set(papers.values_list("pk", flat=True))


def _may_hold(term: Term, acronyms: Acronyms) -> Q:
    if term.field not in _NAMES:
        forms = other_forms(term, acronyms)
        return reduce(or_, (Q(normal_form__contains=f" {form} ") for form in forms))
    beginnings = (Q(said__icontains=word.folded[:_BEGINNING]) for word in term.words)
    return reduce(and_, beginnings) | Q(said__regex=_ODD)


# The last paper's id, identifier and match, and the latest match of all.
_Newest = tuple[int, str, datetime | None, datetime | None]


@dataclass
class _Desk:
    """The catalogue, and the state of the rows it was made of."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    most: int = 0  # papers, before it is made anew without the oldest
    newest: _Newest = (0, "", None, None)
    oldest: tuple[int, str] = (0, "")  # a paper's id and identifier
    being_read: Lock = field(default_factory=Lock)


@dataclass
class _Lesson:
    """The acronyms that were read last, and the newest of their rows."""

    acronyms: Acronyms = NO_ACRONYMS
    newest: object = None
    lock: Lock = field(default_factory=Lock)


_desk, _lesson = _Desk(), _Lesson()


def acronyms() -> Acronyms:
    """Return what stage 3 learned from the papers last."""
    rows = Acronym.objects.order_by("-pk")
    newest = rows.values_list("pk", "short", "learned_on").first()
    with _lesson.lock:
        if newest != _lesson.newest:
            _lesson.acronyms, _lesson.newest = read_acronyms(), newest
        return _lesson.acronyms


def catalogue() -> Catalogue:
    """Return the catalogue of all matched papers; one short query tells whether they changed."""
    newest = _newest()
    with _desk.being_read:
        _renew(newest)
        return _desk.catalogue


def at_hand() -> Catalogue | Rows:
    """The same without waiting for whoever reads it just now, in this process's first second."""
    if _desk.being_read.locked():
        return _desk.catalogue if len(_desk.catalogue) else Rows()
    return catalogue()


def state() -> object:
    """What changes when papers or acronyms came, as the last look at them found it."""
    return _desk.newest, _lesson.newest


def _matched() -> QuerySet[Paper]:
    return Paper.objects.filter(matched_at__isnull=False)


def _newest() -> _Newest:
    """What is new has a later id, whatever `now` it was matched at; what changed, a later match."""
    last = Subquery(_matched().order_by("-matched_at").values("matched_at")[:1])
    rows = _matched().order_by("-pk").annotate(last=last)
    return rows.values_list("pk", "identifier", "matched_at", "last").first() or _Desk.newest


def _renew(newest: _Newest) -> None:
    """Read what was matched since the last time; in a new database, or at its limit, all of it."""
    if newest == _desk.newest:
        return
    last, *_, matched_at = _desk.newest
    if matched_at and len(_desk.catalogue) <= _desk.most and _is_there():
        came = Q(pk__gt=last) | Q(matched_at__gt=matched_at - _LAP)
        _put(_desk.catalogue, _matched().filter(came))
    else:
        _read_all(newest[-1])
    _desk.newest = newest


def _is_there() -> bool:
    pk, identifier = _desk.oldest
    return _matched().filter(pk=pk, identifier=identifier).exists()


def _read_all(matched_at: datetime | None) -> None:
    """A new catalogue; the one before it serves until this one is whole."""
    papers, whole = _matched(), Catalogue()
    if matched_at:
        beyond = papers.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1].first() or 0
        since = matched_at - timedelta(days=DAYS)
        papers = papers.filter(Q(pk__gt=beyond) | Q(news_at__gt=since))
    _desk.oldest = _put(whole, papers)
    _desk.catalogue, _desk.most = whole, max(KEPT, len(whole)) + _SPARE


def _put(into: Catalogue, papers: QuerySet[Paper]) -> tuple[int, str]:
    """Add these papers and return the id and the identifier of the first."""
    first = (0, "")
    # Lists of names as text: to read 20,000 of them as JSON would take longer than all else.
    named = papers.annotate(names=_text("authors"), kinds=_text("categories"))
    rows = named.order_by("pk").values_list(*_COLUMNS)
    for pk, identifier, news_at, form, *names in rows.iterator():
        first = first if first[0] else (pk, identifier)
        into.put(pk, news_at, form, *names)
    return first


def _text(column: str) -> Cast:
    return Cast(column, TextField())
