"""A subscriber's private reading list: save and remove papers, and read it as Atom or BibTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from digest.models import Paper, SavedPaper
from digest.web.api.bibtex import make_key, write_bibtex
from digest.web.api.feeds import ATOM, Feed, make_entry, write_feed
from subscribers.models import Subscriber

MOST_IN_FEED = 100


def list_saved_papers(subscriber: Subscriber) -> QuerySet[SavedPaper]:
    """The saved papers, the last saved first."""
    return subscriber.saved_papers.select_related("paper").order_by("-saved_at", "-pk")


def save_paper(subscriber: Subscriber, paper: Paper, saved_at: datetime) -> None:
    """Put a paper on the list; one that is there keeps its date, and with it its place."""
    subscriber.saved_papers.get_or_create(paper=paper, defaults={"saved_at": saved_at})


def remove_paper(subscriber: Subscriber, paper_id: int) -> datetime | None:
    """Take a paper off the list; return when it was saved, or None where it was not."""
    row = subscriber.saved_papers.filter(paper_id=paper_id).first()
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
        return [make_entry(paper) | {"updated": self.saved_at[paper.pk]} for paper in self.papers]


def render_atom(subscriber: Subscriber, address: str) -> HttpResponse:
    """The newest 100 as the Atom feed of this address; no link in it could change the list."""
    rows = list_saved_papers(subscriber)[:MOST_IN_FEED]
    feed = _SavedFeed(
        title=_("Offprint: reading list"),
        subtitle=_("Papers saved from a digest. Whoever has this address can read the list."),
        page_url=f"{settings.SITE_URL}/",
        url=address,
        papers=[row.paper for row in rows],
        begun=subscriber.created_at,
        saved_at={row.paper_id: row.saved_at for row in rows},
    )
    return write_feed(feed, ATOM)


def render_bibtex(papers: Iterable[Paper]) -> str:
    """The papers as BibTeX in the order given, each with a key of its own.

    A paper's key is the one its own page gives. Where two would share it, the one further down
    carries its number too: saved later, it comes later, so no key changes when others are added.
    """
    taken, entries = set[str](), list[str]()
    for paper in papers:
        key = make_key(paper)
        if key in taken:
            key = f"{key}-{_shorten_identifier(paper.identifier)}"
        while key in taken:
            key += "+"
        taken.add(key)
        entries.append(write_bibtex(paper, key))
    return "\n\n".join(entries) + "\n" if entries else _("% Nothing is on the reading list yet.\n")


def _shorten_identifier(identifier: str) -> str:
    """The identifier without its scheme, in characters that a key may have: 2604.01234."""
    tail = identifier.partition(":")[2].lower()  # BibTeX's keys know no capitals
    return "".join(c if c.isalnum() and c.isascii() else "." for c in tail)
