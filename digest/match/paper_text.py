"""What of a paper's row is searched for topics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, F, QuerySet, TextField, Value, When

from digest.match.learned import Learned
from digest.models import Paper
from subscribers.topics import ParsedTopic, Reading, Text, read_text

# The columns that `paper_to_text` asks for.
TEXT_COLUMNS = ("title", "abstract", "authors", "organization", "categories")
_NAMES = {"author", "org", "cat"}  # fields of terms that are looked for in the last three


def paper_to_text(paper: Paper) -> Text:
    """Return what of a paper is searched for topics."""
    return _make_text(*(getattr(paper, name) for name in TEXT_COLUMNS))


def _make_text(
    title: str,
    abstract: str,
    authors: Iterable[object] = (),
    organization: str = "",
    categories: Iterable[object] = (),
) -> Text:
    return Text(
        title, abstract, tuple(map(str, authors)), organization, tuple(map(str, categories))
    )


def read_paper(paper: Paper, learned: Learned) -> Reading:
    """Read a paper once, for any number of topics."""
    return read_text(paper_to_text(paper), learned.acronyms, learned.statistics)


def select_texts(papers: QuerySet[Paper], topics: Iterable[ParsedTopic]) -> QuerySet[Paper, Any]:
    """Of each paper its id, and what these topics are looked for in: mostly title and abstract.

    And the normal form of that text, "" as long as it was not read since it changed.
    """
    terms = (term for topic in topics for term in (*topic.wanted, *topic.unwanted))
    names = TEXT_COLUMNS[2:] if any(term.field in _NAMES for term in terms) else ()
    form = Case(
        When(matched_at=None, then=Value("")), default=F("normal_form"), output_field=TextField()
    )
    return papers.annotate(form=form).values_list("pk", "title", "abstract", "form", *names)


def read_columns(columns: Sequence[Any], learned: Learned) -> Reading:
    """Read a paper, given by what `select_texts` has beside its id, for the topics of these."""
    title, abstract, form, *names = columns
    text = _make_text(title, abstract, *names)
    return read_text(text, learned.acronyms, learned.statistics, form)
