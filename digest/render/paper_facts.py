"""All that a mail's card is set from of its paper, as one value that can be a key."""

from __future__ import annotations

from typing import NamedTuple, Self

from django.conf import settings

from digest import english
from digest.models import Paper


class PaperFacts(NamedTuple):
    """A paper as a card shows it; where anything of it changes, it is another value.

    So whatever was set from it may be kept for as long as there is room: a paper that changed has
    a card of its own, and nobody needs to be told.
    """

    pk: int
    identifier: str
    title: str
    abstract: str
    summary: str
    authors: tuple[str, ...]
    organization: str
    url: str
    code_url: str
    code_stars: int | None
    categories: tuple[str, ...]
    day: str  # when it was published, in words
    site_url: str  # where its page is

    @classmethod
    def read_paper(cls, paper: Paper) -> Self:
        return cls(
            pk=paper.pk,
            identifier=paper.identifier,
            title=paper.title,
            abstract=paper.abstract,
            summary=paper.summary,
            authors=tuple(map(str, paper.authors)),
            organization=paper.organization,
            url=paper.url,
            code_url=paper.code_url,
            code_stars=paper.code_stars,
            categories=tuple(map(str, paper.categories)),
            day=english.day_in_words(paper.published_at, paper.first_seen_at),
            site_url=settings.SITE_URL,
        )
