"""A reader's private reading list: saved, removed and brought back; as Atom and as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse

from digest.models import Paper, SavedPaper
from digest.web.api.bibtex import bibtex, key_of
from digest.web.api.feeds import ATOM, Feed, entry_of, write
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


@dataclass(frozen=True)
class _SavedFeed(Feed):
    """A feed whose entries are dated by when they were saved."""

    saved_at: Mapping[int, datetime] = field(default_factory=dict)

    @property
    def updated(self) -> datetime:
        return max(self.saved_at.values(), default=self.begun)

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [entry_of(paper) | {"updated": self.saved_at[paper.pk]} for paper in self.papers]


def atom(reader: Subscriber, address: str) -> HttpResponse:
    """The newest 100 as an Atom feed at this address; it links to nothing that could change."""
    rows = saved_papers(reader)[:MOST_IN_FEED]
    feed = _SavedFeed(
        title="Offprint: reading list",
        subtitle="Papers saved from a digest. Whoever has this address can read the list.",
        page_url=f"{settings.SITE_URL}/",
        url=address,
        papers=[row.paper for row in rows],
        begun=reader.created_at,
        saved_at={row.paper_id: row.saved_at for row in rows},
    )
    return write(feed, ATOM)


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
        while key in taken:
            key += "+"
        taken.add(key)
        entries.append(bibtex(paper, key))
    return "\n\n".join(entries) + "\n" if entries else "% Nothing is on the reading list yet.\n"


def _tail(identifier: str) -> str:
    """What tells two papers apart, in signs that a key may have: 2604.01234."""
    tail = identifier.partition(":")[2].lower()  # BibTeX's keys know no capitals
    return "".join(sign if sign.isalnum() and sign.isascii() else "." for sign in tail)
