"""Papers as entries of a contents page: all that one shows, fetched for the whole page at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from digest import charts, wording
from digest.models import Paper, Snapshot

EXCERPT_CHARS = wording.EXCERPT_CHARS  # some more than the three lines that are shown


@dataclass(frozen=True)
class Listing:
    """One paper in its place; `title` and `excerpt` are safe HTML with the found words marked."""

    place: int
    paper: Paper
    title: SafeString
    excerpt: SafeString
    authors: str
    code_url: str
    stars: str
    votes: int
    comments: int
    line: charts.Line | None


def list_papers(
    papers: Sequence[Paper], first_place: int = 1, found: Mapping[int, list[str]] | None = None
) -> list[Listing]:
    """The entries of these papers; `found` gives the words to mark in each, by its id."""
    votes = votes_over_time(papers)
    words = found or {}
    return [
        _listing(place, paper, words.get(paper.pk, []), votes[paper.pk])
        for place, paper in enumerate(papers, first_place)
    ]


def votes_over_time(papers: Sequence[Paper]) -> dict[int, list[tuple[datetime, int]]]:
    """Each paper's votes at the moments they were counted; papers never counted have none."""
    counted: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    rows = Snapshot.objects.filter(paper__in=papers).order_by("paper_id", "taken_at")
    for paper_id, taken_at, upvotes in rows.values_list("paper_id", "taken_at", "upvotes"):
        counted[paper_id].append((taken_at, upvotes))
    return counted


def _listing(
    place: int, paper: Paper, words: list[str], votes: list[tuple[datetime, int]]
) -> Listing:
    parts = paper.trend_parts
    return Listing(
        place=place,
        paper=paper,
        title=wording.mark(paper.title, words),
        excerpt=wording.mark(_excerpt(paper.abstract or paper.summary, words), words),
        authors=authors_in_words(paper),
        code_url=wording.web_url(paper.code_url),
        stars=wording.stars_in_words(paper.code_stars),
        votes=parts.get("votes", 0),
        comments=parts.get("comments", 0),
        line=charts.sparkline(votes) if paper.trend else None,
    )


def _excerpt(text: str, words: list[str]) -> str:
    """The lines around the found words; without any, simply the first ones, which costs less."""
    return wording.excerpt(text, words) if words else wording.shorten(text, EXCERPT_CHARS)


def authors_in_words(paper: Paper) -> str:
    """Three authors and how many more; the organization stands beside them."""
    names = ", ".join(paper.authors[: wording.SHOWN_AUTHORS])
    more = len(paper.authors) - wording.SHOWN_AUTHORS
    return f"{names} and {more} more" if more > 0 else names
