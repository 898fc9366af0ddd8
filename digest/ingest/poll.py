"""One poll of one source: which documents to ask for, and what came of each.

A source that fails says so in a sentence; what could be read before or beside the failure is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q
from django.utils.translation import gettext as _

from digest.ingest.fill_in import NEWS_AGE
from digest.ingest.sources import arxiv, feed, huggingface
from digest.ingest.sources.fetch import FETCH_SECONDS, FetchedDocument, fetch_url
from digest.ingest.sources.fetch_errors import FetchError
from digest.ingest.sources.host_rate_limit import find_limited_host, hold_turn
from digest.ingest.sources.parsed import ParsedDocument, Unreadable
from digest.ingest.store import StoredChanges, store_document
from digest.models import Entry, Source

HF = Source.Kind.HUGGINGFACE
NOTE_CHARS = 300
MOST_FAULTS = 2  # then the host is unwell, and the documents left wait for the next poll
LATELY = timedelta(days=14)
# A list that is cut short each time counts as seen after so long, or nothing of it were ever news.
LONGEST_FIRST_LOOK = timedelta(days=2)
FEW = 10  # entries that say nothing yet about a feed
PARSERS: dict[str, Callable[..., ParsedDocument]] = {
    Source.Kind.ARXIV: arxiv.parse_document,
    Source.Kind.FEED: feed.parse_document,
}


@dataclass(frozen=True)
class DocumentRequest:
    """One document to ask for, with the validators of its last whole answer."""

    url: str
    day: date | None = None  # Hugging Face has one document a day
    etag: str = ""
    last_modified: str = ""


@dataclass
class Poll:
    """What the documents of one poll came to so far."""

    source: Source
    now: datetime
    stored: StoredChanges = field(default_factory=StoredChanges)
    answered: int = 0  # documents that were read, or had not changed
    documents: list[ParsedDocument] = field(default_factory=list)  # those that were read
    problems: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)  # days the host knows nothing of
    error: FetchError | None = None  # the first, or the one that asks for a pause
    faults: int = 0  # documents that the host did not give
    moved_to: str = ""
    silence: str = ""  # a sentence where many entries never became news
    fetch_seconds: float = 0.0  # that the host took for its answers

    @property
    def is_over(self) -> bool:
        """Whether the host should not be asked for more: it said so, or fails whatever we ask."""
        asked_to_wait = self.error and (self.error.status == 429 or self.error.retry_after)
        return bool(asked_to_wait) or self.faults >= MOST_FAULTS

    @property
    def skipped(self) -> int:
        return sum(document.skipped for document in self.documents)


def poll_source(source: Source, now: datetime) -> Poll:
    """Ask for the source's documents one after another and store what they hold.

    The host gets the time of one fetch for all of them together, whatever time we take to read and
    store them; what is left waits for the next poll, and so it does when the host asks for a pause
    or fails MOST_FAULTS times. The source's validators are set on the object, not saved. Raises
    HostBusy when no turn came, and MachineBusy when a document could not be read for that.
    """
    poll, requests = Poll(source, now), list(_list_requests(source, now))
    # One document that hangs must leave time for those after it.
    most = FETCH_SECONDS / min(len(requests), MOST_FAULTS + 1)
    for request in requests:
        left = FETCH_SECONDS - poll.fetch_seconds
        if left > 1 and not poll.is_over:
            _request_document(poll, request, min(left, most))
    poll.silence = _describe_silence(source, now)
    return poll


def _list_requests(source: Source, now: datetime) -> Iterator[DocumentRequest]:
    if source.kind != HF:
        yield DocumentRequest(source.url, None, source.etag, source.last_modified)
        return
    documents: dict[str, dict[str, Any]] = source.documents
    asked_at = {
        date.fromisoformat(day): datetime.fromisoformat(row["asked_at"])
        for day, row in documents.items()
    }
    days = huggingface.list_days_to_poll(asked_at, now)
    for day in days:
        row = documents.get(day.isoformat(), {})
        url = huggingface.make_day_url(source.url, day)
        yield DocumentRequest(url, day, row.get("etag", ""), row.get("last_modified", ""))


def _request_document(poll: Poll, request: DocumentRequest, seconds: float) -> None:
    try:
        fetched = _fetch_document(poll, request, seconds)
        document = None if fetched.is_unchanged else _parse_answer(poll.source, request, fetched)
    except FetchError as error:
        if error.status == 400 and request.day:
            # The host's day has not begun; the other days are worth asking for.
            poll.unlisted.append(_("Hugging Face has no list for %(day)s.") % {"day": request.day})
        else:
            poll.faults += 1
            poll.error = error if error.retry_after or not poll.error else poll.error
        return
    except Unreadable as error:
        poll.problems.append(str(error))
        return
    poll.answered += 1
    poll.moved_to = fetched.moved_to
    if document is not None:
        poll.documents.append(document)
        is_first = _is_first_look(poll.source, request)
        poll.stored += store_document(poll.source, document, poll.now, is_first=is_first)
        if is_first and not request.day:
            _note_first_look(poll, document)
    _keep_validators(poll, request, fetched, document)


def _is_first_look(source: Source, request: DocumentRequest) -> bool:
    """Whether the whole of this list, the source's or Hugging Face's of a day, was never seen.

    Of one that was cut short the rest is no news when it comes the next time.
    """
    if request.day:
        row = source.documents.get(request.day.isoformat())
        return row is None or not row.get("is_whole", True)
    return source.read_whole_at is None


def _note_first_look(poll: Poll, document: ParsedDocument) -> None:
    """Write down that the source's whole list was seen, as far as it ever will be."""
    began: datetime | None = poll.source.entries.aggregate(at=Min("seen_at"))["at"]
    if document.is_whole or (began and began <= poll.now - LONGEST_FIRST_LOOK):
        poll.source.read_whole_at = poll.now


def _fetch_document(poll: Poll, request: DocumentRequest, seconds: float) -> FetchedDocument:
    with hold_turn(find_limited_host(request.url)):
        began = time.monotonic()
        try:
            return fetch_url(
                request.url, etag=request.etag, last_modified=request.last_modified, seconds=seconds
            )
        finally:
            poll.fetch_seconds += time.monotonic() - began


def _parse_answer(
    source: Source, request: DocumentRequest, fetched: FetchedDocument
) -> ParsedDocument:
    if request.day:
        document = huggingface.parse_document(fetched.body, request.day)
    else:
        # Links are resolved against the live address, whatever host took its place.
        document = PARSERS[source.kind](fetched.body, request.url, fetched.content_type)
    if fetched.is_whole or not document.is_whole:
        return document
    return replace(
        document,
        is_whole=False,
        problem=_("The answer was cut short. %(problem)s") % {"problem": document.problem},
    )


def _keep_validators(
    poll: Poll, request: DocumentRequest, fetched: FetchedDocument, document: ParsedDocument | None
) -> None:
    """Keep ETag and Last-Modified byte for byte, but never those of an answer that broke off."""
    source = poll.source
    etag, last_modified = request.etag, request.last_modified
    if document is not None:
        is_usable = document.is_whole and len(fetched.etag) <= 500
        etag = fetched.etag if is_usable else ""
        last_modified = fetched.last_modified[:100] if document.is_whole else ""
    if request.day is None:
        source.etag, source.last_modified = etag, last_modified
        return
    old = source.documents.get(request.day.isoformat(), {})
    row = {
        "etag": etag,
        "last_modified": last_modified,
        "asked_at": poll.now.isoformat(),
        "entries": old.get("entries", 0) if document is None else len(document.entries),
        "is_whole": old.get("is_whole", True) if document is None else document.is_whole,
    }
    oldest = min(huggingface.list_days_to_poll({}, poll.now)).isoformat()
    recent = {day: row for day, row in source.documents.items() if day >= oldest}
    source.documents = recent | {request.day.isoformat(): row}


def _describe_silence(source: Source, now: datetime) -> str:
    """A sentence where many of a feed's entries of late never became news, and so were not mailed.

    A feed may be read without fault, and look well, while readers hear nothing of it.
    """
    if source.kind != Source.Kind.FEED:
        return ""
    came = Entry.objects.filter(source=source, seen_at__gt=now - LATELY)
    came = came.exclude(announce_type__startswith="replace")
    was_news = Q(paper__news_at__gte=F("seen_at") - NEWS_AGE)
    counts = came.aggregate(count=Count("pk"), news=Count("pk", filter=was_news))
    count, silent = counts["count"], counts["count"] - counts["news"]
    if count < FEW or silent * 2 < count:
        return ""
    return _(
        "%(silent)s of the %(count)s entries of the last %(days)s days never "
        "became news: they were old when the feed was first read, or known "
        "already."
    ) % {"silent": silent, "count": count, "days": LATELY.days}
