"""How the catalogue in memory is read from the papers' rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from digest.match.catalogue import Catalogue
from digest.models import Paper

MOST_PAPERS = 40_000  # those that came last; and all that were news in the last days
DAYS = 28
SPARE_PAPERS = 4_000  # so many more before the oldest are dropped
# Another worker's transaction may end after a later one's.
_OVERLAP = timedelta(minutes=30)
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
    beyond: int = 0  # the last id of those that are not all in it
    papers_beyond: int = 0  # how many they are


def _select_matched_papers() -> QuerySet[Paper]:
    return Paper.objects.matched()


# Made once: it is asked several times for most pages, and to build it takes as long as its answer.
_LATEST_MATCH = _select_matched_papers().order_by("-matched_at").values("matched_at")[:1]
_LAST_MATCHED = (
    _select_matched_papers()
    .order_by("-pk")
    .annotate(last=Subquery(_LATEST_MATCH))
    .values_list("pk", "identifier", "matched_at", "last")
)


def read_catalogue_version() -> CatalogueVersion:
    """Return what changes whenever papers were matched; one short query.

    What is new has a later id, whatever `now` it was matched at; what changed, a later match.
    """
    return _LAST_MATCHED.all().first() or NO_PAPERS


class PaperCount(NamedTuple):
    """How many matched papers were first seen after a moment."""

    since: datetime
    papers: int

    @classmethod
    def read(cls, since: datetime) -> PaperCount:
        return cls(since, _count_matched(Q(first_seen_at__gt=since)))


def count_papers_between(after: datetime, until: datetime) -> int:
    """How many matched papers were first seen then, `until` included: a look into an index."""
    return _count_matched(Q(first_seen_at__gt=after, first_seen_at__lte=until))


def _count_matched(seen: Q) -> int:
    """How many papers first seen so were matched: all but those that wait.

    Of both the indexes know; whether one was matched stands in its row, of which there are as many
    as papers of a month.
    """
    papers = Paper.objects.order_by()
    return papers.filter(seen).count() - papers.unmatched().filter(seen).count()


def refresh_catalogue(
    state: CatalogueState,
    before: CatalogueVersion,
    version: CatalogueVersion,
    frequent_stems: Collection[str] = (),
) -> CatalogueState:
    """Add what was matched since the version before.

    In another database, and where the catalogue is at its limit, all papers are read anew; then it
    is kept which of them hold the frequent stems.
    """
    last, *_, matched_at = before
    if matched_at and len(state.catalogue) <= state.most and _has_paper(state.oldest):
        came = Q(pk__gt=last) | Q(matched_at__gt=matched_at - _OVERLAP)
        _add_papers(state.catalogue, _select_matched_papers().filter(came))
        return state
    return _read_catalogue(version[-1], frequent_stems)


def _read_catalogue(matched_at: datetime | None, frequent_stems: Collection[str]) -> CatalogueState:
    """A new catalogue; the one before it serves until this one is whole."""
    papers, catalogue, beyond, older = _select_matched_papers(), Catalogue(frequent_stems), 0, 0
    if matched_at:
        ids = papers.order_by("-pk").values_list("pk", flat=True)
        beyond = ids[MOST_PAPERS : MOST_PAPERS + 1].first() or 0
        older = papers.filter(pk__lte=beyond).count()
        since = matched_at - timedelta(days=DAYS)
        papers = papers.filter(Q(pk__gt=beyond) | Q(news_at__gt=since))
    oldest = _add_papers(catalogue, papers)
    most = max(MOST_PAPERS, len(catalogue)) + SPARE_PAPERS
    return CatalogueState(catalogue, most, oldest, beyond, older)


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


def _cast_to_text(column: str) -> Cast:
    return Cast(column, TextField())
