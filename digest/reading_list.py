"""A reader's private reading list: saved, removed and brought back; as Atom and as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from digest import wording
from digest.bibtex import bibtex, key_of
from digest.models import Paper, SavedPaper
from subscribers.models import Subscriber

MOST_IN_FEED = 100


def saved_papers(reader: Subscriber) -> QuerySet[SavedPaper]:
    """The list, the last saved first."""
    return reader.saved_papers.select_related("paper").order_by("-saved_at", "-pk")


def save(reader: Subscriber, paper: Paper, saved_at: datetime) -> None:
    """Put a paper on the list; one that is there keeps its place."""
    reader.saved_papers.get_or_create(paper=paper, defaults={"saved_at": saved_at})


def remove(reader: Subscriber, paper_id: int) -> datetime | None:
    """Take a paper off the list; return when it was saved, or None where it was not."""
    row = reader.saved_papers.filter(paper_id=paper_id).first()
    if row is None:
        return None
    row.delete()
    return row.saved_at


class _Feed(Atom1Feed):
    """Dated by the list and not by the clock, so that the same list gives the same bytes."""

    def latest_post_date(self) -> datetime:
        dates = [item["updateddate"] for item in self.items]
        return max(dates, default=datetime(2026, 1, 1, tzinfo=UTC))


def atom(reader: Subscriber, address: str) -> str:
    """The newest 100 as an Atom feed at this address; it links to nothing that could change."""
    feed = _Feed(
        title="Reading list · Offprint",
        link=f"{settings.SITE_URL}/",
        description=None,
        subtitle="Papers saved from a digest. Whoever has this address can read the list.",
        author_name="Offprint",  # Atom asks for one, and some papers name nobody
        feed_url=address,
        feed_guid=address,
    )
    for row in saved_papers(reader)[:MOST_IN_FEED]:
        feed.add_item(**_item(row))
    return feed.writeString("utf-8")


def _item(row: SavedPaper) -> dict[str, Any]:
    paper = row.paper
    page = f"{settings.SITE_URL}{reverse('digest:paper', args=[paper.identifier])}"
    names = ", ".join(map(str, paper.authors))
    return {
        "title": paper.title,
        "link": wording.web_url(paper.url) or page,
        "unique_id": page,
        # Atom's summary is HTML here, and the abstract is not: 0<x<1 means itself.
        "description": escape(paper.abstract or paper.summary),
        "author_name": names or None,
        "categories": [str(name) for name in paper.categories],
        "pubdate": paper.published_at,
        "updateddate": row.saved_at,
    }


def bibliography(papers: Iterable[Paper]) -> str:
    """The papers as BibTeX, in their order; no two have one key.

    A paper's key is the one its own page gives. Where two would share it, the one further down
    carries its number too: saved later, it comes later, so no key changes when others are added.
    """
    taken, entries = set[str](), list[str]()
    for paper in papers:
        key = key_of(paper)
        if key in taken:
            key = f"{key}-{_tail(paper.identifier)}"
        taken.add(key)
        entries.append(bibtex(paper, key))
    return "\n\n".join(entries) + "\n" if entries else "% Nothing is on the reading list yet.\n"


def _tail(identifier: str) -> str:
    """What tells two papers apart, in signs that a key may have: 2604.01234."""
    tail = identifier.partition(":")[2]
    return "".join(sign if sign.isalnum() and sign.isascii() else "." for sign in tail)
