"""What arXiv lists under an address that somebody pasted: an author's papers, a listing, papers.

Fetched as every source is: guarded, bounded, one request every three seconds over all machines.
Each list is cached for six hours. Whoever pastes waits for it, so it gives up sooner.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext as _

from digest.ingest.sources import arxiv
from digest.ingest.sources.fetch import fetch_url
from digest.ingest.sources.fetch_errors import FetchError
from digest.ingest.sources.host_rate_limit import HostBusy, find_limited_host, hold_turn
from digest.ingest.sources.parsed import ParsedDocument, Unreadable
from subscribers import forgiving_cache

SECONDS = 12.0  # for all that one person pasted
MOST = 3  # requests for that
# Entries hold an `ArxivList`: another prefix for each change of it, since old ones come back.
_CACHE_PREFIX = "arxiv-list-1:"
_CACHE_SECONDS = 6 * 3600
_BYTES = 3_000_000


class LookupFailed(Exception):
    """arXiv was not asked, or did not answer; the message says why, as part of a sentence."""


class UnknownToArxiv(LookupFailed):
    """arXiv was asked, and has nothing under this address."""


@dataclass(frozen=True)
class ListedPaper:
    """One paper of a list, with what topics are proposed from."""

    title: str
    abstract: str
    authors: tuple[str, ...]


@dataclass(frozen=True)
class ArxivList:
    """The title that arXiv gives the list, and its papers."""

    title: str
    papers: tuple[ListedPaper, ...]


class Lookup:
    """At most three requests, and twelve seconds, for what one person pasted.

    `is_allowed` is called before each request; False where a network, or all of them together,
    asked enough. Every method raises LookupFailed.
    """

    def __init__(self, is_allowed: Callable[[], bool] = lambda: True) -> None:
        self._is_allowed = is_allowed
        self._ends_at = time.monotonic() + SECONDS
        self._left = MOST

    def fetch_author(self, name: str) -> ArxivList:
        """Return the papers of lecun_y_1, or of an ORCID."""
        return self._recall_or_fetch(f"https://arxiv.org/a/{name}.atom2")

    def fetch_listing(self, category: str) -> ArxivList:
        """Return the papers announced last in a category such as cs.CL."""
        return self._recall_or_fetch(f"https://rss.arxiv.org/atom/{category}")

    def fetch_papers(self, numbers: Sequence[str]) -> ArxivList:
        """Return these papers, by their arXiv numbers."""
        ids = ",".join(numbers)
        return self._recall_or_fetch(
            f"https://export.arxiv.org/api/query?id_list={ids}&max_results={len(numbers)}"
        )

    def _recall_or_fetch(self, url: str) -> ArxivList:
        key = f"{_CACHE_PREFIX}{sha256(url.encode()).hexdigest()}"
        if cached := forgiving_cache.read_instance(key, ArxivList):
            return cached
        if not self._left:
            raise LookupFailed(
                _("arXiv is asked for %(most)s addresses at once at most") % {"most": MOST}
            )
        self._left -= 1
        if not self._is_allowed():
            raise LookupFailed(_("arXiv was asked for too many addresses in the last hour"))
        fetched = self._fetch_list(url)
        forgiving_cache.write_value(key, fetched, _CACHE_SECONDS)
        return fetched

    def _fetch_list(self, url: str) -> ArxivList:
        try:
            with hold_turn(find_limited_host(url), max(self._ends_at - time.monotonic(), 0)):
                seconds = max(self._ends_at - time.monotonic(), 1.0)
                fetched = fetch_url(url, seconds=seconds, max_bytes=_BYTES)
                return _document_to_list(
                    arxiv.parse_document(fetched.body, url, fetched.content_type)
                )
        except HostBusy as busy:
            raise LookupFailed(
                _("arXiv takes one request at a time, and others were before you")
            ) from busy
        except FetchError as error:
            if error.status in (400, 404):
                raise UnknownToArxiv(_("arXiv has nothing under this address")) from error
            raise LookupFailed(_("arXiv could not be reached")) from error
        except Unreadable as error:
            raise LookupFailed(
                _("arXiv answered with something that is no list of papers")
            ) from error


def _document_to_list(document: ParsedDocument) -> ArxivList:
    papers = (ListedPaper(e.title, e.abstract, e.authors) for e in document.entries)
    return ArxivList(document.title, tuple(papers))
