"""Papers to search, and the titles that a search finds, for tests."""

from __future__ import annotations

from typing import Any

from digest.match import match_papers
from digest.match.search import search_papers
from digest.models import Paper
from digest.web.listing import ORDERS
from tests.factories import NOW, make_paper

NEWEST = ORDERS["newest"]


def shelve(**fields: Any) -> Paper:
    """A paper that can be searched."""
    paper = make_paper(**fields)
    match_papers(NOW)
    return paper


def titles(query: str) -> list[str]:
    return [match.paper.title for match in search_papers(query, NEWEST, 0, 25).matches]
