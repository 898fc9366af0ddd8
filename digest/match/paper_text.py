"""What of a paper's row is searched for topics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

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


def list_text_columns(topics: Iterable[ParsedTopic]) -> Sequence[str]:
    """The columns of papers in which these topics are looked for: mostly title and abstract."""
    terms = (term for topic in topics for term in (*topic.wanted, *topic.unwanted))
    return TEXT_COLUMNS if any(term.field in _NAMES for term in terms) else TEXT_COLUMNS[:2]


def read_columns(columns: Sequence[Any], learned: Learned) -> Reading:
    """Read a paper, given by what it has in `list_text_columns`, for the topics of these."""
    return read_text(_make_text(*columns), learned.acronyms, learned.statistics)
