"""Five made-up days of papers, brought in through the same adapters as the live sources.

Nobody wrote these papers, and their authors are long dead. The sources' titles say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import QuerySet

from digest.ingest import store
from digest.ingest.sample_rows import select_sample_papers, select_sample_sources
from digest.ingest.sources import arxiv, feed, huggingface
from digest.ingest.sources.parsed import ParsedDocument
from digest.management.sample import material, shapes
from digest.models import Entry, Source

Kind = Source.Kind
URLS = {
    Kind.ARXIV: f"{shapes.SITE}/rss/{'+'.join(shapes.CATEGORIES)}",
    Kind.HUGGINGFACE: f"{shapes.SITE}/huggingface",
    Kind.FEED: f"{shapes.SITE}/notes.atom",
}
TITLES = {
    Kind.ARXIV: f"arXiv {', '.join(shapes.CATEGORIES)} (sample)",
    Kind.HUGGINGFACE: "Hugging Face Daily Papers (sample)",
    Kind.FEED: f"{material.notes_title()} (sample)",
}
NOTE = "Made up, and bundled with Offprint: it is all here and is never asked for more."


@dataclass(frozen=True)
class SampleReport:
    """The sample as it stands in the database."""

    papers: int
    entries: int
    days: tuple[date, ...]  # the days of arXiv's lists, the oldest first
    sources: int
    is_new: bool  # False: it was there before, and nothing was changed


def load_sample(now: datetime) -> SampleReport:
    """Replay the sample's five days up to `now`, each as it was seen then: all of it or nothing.

    A sample that is there already stays as it is, however long ago it was loaded.
    """
    if _sample_entries().exists():
        return _make_report(is_new=False)
    days = shapes.working_days(now)
    replay = list(_replay_days(days, now))
    with transaction.atomic():
        sources = {kind: _make_source(kind, now) for kind in URLS}
        if _sample_entries().exists():  # loaded by somebody else while we were reading
            return _make_report(is_new=False)
        for moment, kind, document in replay:
            _store_document(sources[kind], document, moment)
    return _make_report(is_new=True)


class Replay:
    """The five days of a working week up to `last`, and what moves until `until`, as it comes."""

    def __init__(self, last: datetime, until: datetime) -> None:
        self.days = shapes.working_days(last)
        self._sample_sources = {kind: _make_source(kind, last) for kind in URLS}
        self._to_come = _replay_days(self.days, until)
        self._next = next(self._to_come, None)

    def bring_in(self, now: datetime) -> None:
        """Store what the sources said until now and was not stored yet."""
        while self._next and self._next[0] <= now:
            moment, kind, document = self._next
            _store_document(self._sample_sources[kind], document, moment)
            self._next = next(self._to_come, None)


def _store_document(source: Source, document: ParsedDocument, moment: datetime) -> None:
    """As a poll does: what is old in a source's first document is its backlog."""
    store.store_document(source, document, moment, is_first=not source.entries.exists())


def _replay_days(
    days: shapes.Days, now: datetime
) -> Iterator[tuple[datetime, Kind, ParsedDocument]]:
    """What the sources said at each moment, as far as it was not what they had said before."""
    said: set[bytes] = set()
    for moment in shapes.moments(days, now):
        is_daily = moment in (now, datetime.combine(moment.date(), shapes.EVENING))
        begun = [day for day in days if datetime.combine(day, shapes.ANNOUNCED_AT) <= moment]
        # As live: the newest lists each time, the older ones, whose votes hardly move, once a day.
        asked = begun if is_daily else begun[-2:]
        for kind, day, body in _make_documents(days, asked, moment):
            if body not in said:
                said.add(body)
                yield moment, kind, _parse_document(kind, day, body)


def _make_documents(
    days: shapes.Days, asked: list[date], moment: datetime
) -> Iterator[tuple[Kind, date, bytes]]:
    yield Kind.ARXIV, asked[-1], shapes.arxiv_rss(days, asked[-1])
    for day in asked:
        yield Kind.HUGGINGFACE, day, shapes.huggingface_json(days, day, moment)
    yield Kind.FEED, asked[-1], shapes.notes_atom(days, moment)


def _parse_document(kind: Kind, day: date, body: bytes) -> ParsedDocument:
    if kind == Kind.HUGGINGFACE:
        return huggingface.parse_document(body, day)
    if kind == Kind.ARXIV:
        return arxiv.parse_document(body, URLS[kind])
    return feed.parse_document(body, URLS[kind])


def _make_source(kind: Kind, now: datetime) -> Source:
    """A source that is shown with the others and never polled."""
    fields = {
        "kind": kind,
        "title": TITLES[kind],
        "is_active": False,
        "state": Source.State.HEALTHY,
        "note": NOTE,
        "last_fetched_at": now,
        "read_whole_at": now,
        "last_new_at": now,
    }
    return Source.objects.get_or_create(url=URLS[kind], defaults=fields)[0]


def _sample_entries() -> QuerySet[Entry]:
    return Entry.objects.filter(source__in=select_sample_sources())


def _make_report(*, is_new: bool) -> SampleReport:
    announced = _sample_entries().filter(source__kind=Kind.ARXIV)
    days = announced.datetimes("published_at", "day", tzinfo=UTC)
    return SampleReport(
        papers=select_sample_papers().count(),
        entries=_sample_entries().count(),
        days=tuple(day.date() for day in days),
        sources=select_sample_sources().count(),
        is_new=is_new,
    )
