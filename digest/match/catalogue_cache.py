"""How the catalogue is read from the papers' rows, and how the database answers without it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_

from django.db.models import Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from digest.match.catalogue import Catalogue
from digest.models import Paper
from subscribers.topics import Acronyms, ParsedTopic, Term
from subscribers.topics.acronyms import list_other_forms

MOST_PAPERS = 40_000  # those that came last; and all that were news in the last days
DAYS = 28
SPARE_PAPERS = 4_000  # so many more before the oldest are dropped
# Another worker's transaction may end after a later one's.
_OVERLAP = timedelta(minutes=30)
_NAME_LETTERS = 2  # the first of a name, which spelling rules leave alone
_UNUSUAL_LETTER = r"[^ -~]|\\u"  # of a name that folding changes; SQLite keeps JSON in ASCII
_NAME_FIELDS = ("author", "org", "cat")
_NAME_COLUMNS = ("authors_json", "organization", "categories_json")
_COLUMNS = ("pk", "identifier", "news_at", "normal_form", *_NAME_COLUMNS)

# The last paper's id, identifier and match, and the latest match of all.
CatalogueVersion = tuple[int, str, datetime | None, datetime | None]
NO_PAPERS: CatalogueVersion = (0, "", None, None)


@dataclass(frozen=True)
class CatalogueState:
    """A catalogue, and what tells whether it can be added to."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    most: int = 0  # papers, before it is made anew without the oldest
    oldest: tuple[int, str] = (0, "")  # a paper's id and identifier


def read_catalogue_version() -> CatalogueVersion:
    """Return what changes whenever papers were matched; one short query.

    What is new has a later id, whatever `now` it was matched at; what changed, a later match.
    """
    last = Subquery(_select_matched_papers().order_by("-matched_at").values("matched_at")[:1])
    rows = _select_matched_papers().order_by("-pk").annotate(last=last)
    return rows.values_list("pk", "identifier", "matched_at", "last").first() or NO_PAPERS


def refresh_catalogue(
    state: CatalogueState, before: CatalogueVersion, version: CatalogueVersion
) -> CatalogueState:
    """Add what was matched since the version before.

    In another database, and where the catalogue is at its limit, all papers are read anew.
    """
    last, *_, matched_at = before
    if matched_at and len(state.catalogue) <= state.most and _has_paper(state.oldest):
        came = Q(pk__gt=last) | Q(matched_at__gt=matched_at - _OVERLAP)
        _add_papers(state.catalogue, _select_matched_papers().filter(came))
        return state
    return _read_catalogue(version[-1])


def _read_catalogue(matched_at: datetime | None) -> CatalogueState:
    """A new catalogue; the one before it serves until this one is whole."""
    papers, catalogue = _select_matched_papers(), Catalogue()
    if matched_at:
        ids = papers.order_by("-pk").values_list("pk", flat=True)
        beyond = ids[MOST_PAPERS : MOST_PAPERS + 1].first() or 0
        since = matched_at - timedelta(days=DAYS)
        papers = papers.filter(Q(pk__gt=beyond) | Q(news_at__gt=since))
    oldest = _add_papers(catalogue, papers)
    return CatalogueState(catalogue, max(MOST_PAPERS, len(catalogue)) + SPARE_PAPERS, oldest)


def _select_matched_papers() -> QuerySet[Paper]:
    return Paper.objects.matched()


def _has_paper(paper: tuple[int, str]) -> bool:
    pk, identifier = paper
    return _select_matched_papers().filter(pk=pk, identifier=identifier).exists()


def _add_papers(catalogue: Catalogue, papers: QuerySet[Paper]) -> tuple[int, str]:
    """Add these papers and return the id and the identifier of the first."""
    first = (0, "")
    # Lists of names as text: to read 20,000 of them as JSON would take longer than all else.
    named = papers.annotate(
        authors_json=_cast_to_text("authors"), categories_json=_cast_to_text("categories")
    )
    rows = named.order_by("pk").values_list(*_COLUMNS)
    for pk, identifier, news_at, form, *names in rows.iterator():
        first = first if first[0] else (pk, identifier)
        catalogue.put_paper(pk, news_at, form, *names)
    return first


class DatabaseCatalogue:
    """The papers as the database has them: slower to search, and always ready."""

    def find_candidate_ids(self, topic: ParsedTopic, acronyms: Acronyms) -> set[int]:
        """As `Catalogue.find_candidate_ids`."""
        authors, categories = _cast_to_text("authors"), _cast_to_text("categories")
        columns = (authors, Value(" "), "organization", Value(" "), categories)
        papers = _select_matched_papers().annotate(names=Concat(*columns, output_field=TextField()))
        for term in topic.wanted:
            papers = papers.filter(_may_hold(term, acronyms))
        return set(papers.values_list("pk", flat=True))


def _may_hold(term: Term, acronyms: Acronyms) -> Q:
    if term.field not in _NAME_FIELDS:
        forms = list_other_forms(term, acronyms)
        return reduce(or_, (Q(normal_form__contains=f" {form} ") for form in forms))
    beginnings = (Q(names__icontains=word.folded[:_NAME_LETTERS]) for word in term.words)
    return reduce(and_, beginnings) | Q(names__regex=_UNUSUAL_LETTER)


def _cast_to_text(column: str) -> Cast:
    return Cast(column, TextField())
