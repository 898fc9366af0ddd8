"""What arXiv itself says of an address that somebody pasted: an author's papers, a listing, papers.

Asked for as every source is: guarded, bounded, one request every three seconds over all machines,
and each answer kept for some hours. Whoever pastes waits for it, so it gives up sooner.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from digest.ingest.sources import arxiv
from digest.ingest.sources.fetch import FetchError, fetch
from digest.ingest.sources.host_rate_limit import HostBusy, host_of, turn
from digest.ingest.sources.parsed import ParsedDocument, Unreadable
from subscribers import forgiving_cache

SECONDS = 12.0  # for all that one person pasted
MOST = 3  # requests for that
_KEPT_SECONDS = 6 * 3600
_BYTES = 3_000_000


class NoAnswer(Exception):
    """arXiv could not be asked, or did not answer; the message says why, as part of a sentence."""


class UnknownThere(NoAnswer):
    """arXiv was asked, and has nothing under this address."""


@dataclass(frozen=True)
class Written:
    """One paper, as far as it tells interests."""

    title: str
    abstract: str
    authors: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """The title that arXiv gives the list, and its papers."""

    title: str
    papers: tuple[Written, ...]


class Lookup:
    """At most three requests, and twelve seconds, for what one person pasted.

    `is_allowed` is asked before each; False where its network, or the world, had enough.
    """

    def __init__(self, is_allowed: Callable[[], bool] = lambda: True) -> None:
        self._is_allowed = is_allowed
        self._ends_at = time.monotonic() + SECONDS
        self._left = MOST

    def author(self, name: str) -> Answer:
        """The papers of lecun_y_1, or of an ORCID; raises NoAnswer."""
        return self._ask(f"https://arxiv.org/a/{name}.atom2")

    def listing(self, category: str) -> Answer:
        """The papers announced last in cs.CL; raises NoAnswer."""
        return self._ask(f"https://rss.arxiv.org/atom/{category}")

    def papers(self, numbers: Sequence[str]) -> Answer:
        """These papers, by their arXiv numbers; raises NoAnswer."""
        named = ",".join(numbers)
        return self._ask(
            f"https://export.arxiv.org/api/query?id_list={named}&max_results={len(numbers)}"
        )

    def _ask(self, url: str) -> Answer:
        key = f"arxiv-lookup:{sha256(url.encode()).hexdigest()}"
        if known := _kept(key):
            return known
        if not self._left:
            raise NoAnswer(f"arXiv is asked for {MOST} addresses at once at most")
        self._left -= 1
        if not self._is_allowed():
            raise NoAnswer("arXiv was asked for too many addresses in the last hour")
        answer = self._fetched(url)
        forgiving_cache.write_value(key, answer, _KEPT_SECONDS)
        return answer

    def _fetched(self, url: str) -> Answer:
        try:
            with turn(host_of(url), max(self._ends_at - time.monotonic(), 0)):
                seconds = max(self._ends_at - time.monotonic(), 1.0)
                fetched = fetch(url, seconds=seconds, max_bytes=_BYTES)
                return _answer(arxiv.parse(fetched.body, url, fetched.content_type))
        except HostBusy as busy:
            raise NoAnswer(
                "arXiv takes one request at a time, and others were before you"
            ) from busy
        except FetchError as error:
            if error.status in (400, 404):
                raise UnknownThere("arXiv has nothing under this address") from error
            raise NoAnswer("arXiv could not be reached") from error
        except Unreadable as error:
            raise NoAnswer("arXiv answered with something that is no list of papers") from error


def _kept(key: str) -> Answer | None:
    known = forgiving_cache.read_value(key)
    return known if isinstance(known, Answer) else None


def _answer(document: ParsedDocument) -> Answer:
    papers = (Written(e.title, e.abstract, e.authors) for e in document.entries)
    return Answer(document.title, tuple(papers))
