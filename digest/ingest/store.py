"""Entries to papers: find the paper an entry speaks of, fill it in, and say whether it is news.

A list of two thousand entries costs about ten queries, whatever is new in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import OuterRef, Subquery

from digest.identifiers import fold_title, is_stronger
from digest.ingest.merge import merge
from digest.ingest.resolve import Shelf
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry
from digest.ingest.text.clean import CATEGORIES
from digest.models import Entry, Paper, Snapshot, Source

TRIES = 3
BATCH = 500
# What a source dated earlier than this is its backlog, and no news of today.
NEWS_AGE = timedelta(days=3)
BACKLOG_AGE = timedelta(days=4)
SNAPSHOT_EVERY = timedelta(hours=1)

# What a paper is matched by: when one of these changes it is compared with the topics anew.
_MATCHED_FIELDS = ("title", "abstract", "authors", "organization", "categories")
_MERGED_FIELDS = [
    *("identifier", "doi", "title", "folded_title", "abstract", "authors", "organization", "url"),
    *("code_url", "code_stars", "categories", "summary", "published_at", "news_at", "matched_at"),
]


@dataclass(frozen=True)
class Stored:
    """What one document changed."""

    new: int = 0  # papers that were not known, or only by a replacement
    updated: int = 0  # known papers of which we now know more, or that became news again
    replacements: int = 0  # new versions announced
    new_guids: frozenset[str] = frozenset()

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.new + other.new,
            self.updated + other.updated,
            self.replacements + other.replacements,
            self.new_guids | other.new_guids,
        )


def store(source: Source, document: ParsedDocument, now: datetime) -> Stored:
    """Save a document's entries, their papers and snapshots; storing it again changes nothing."""
    for _ in range(TRIES - 1):
        # Another worker stored the same paper in between: at the next try it is there to be found.
        with suppress(IntegrityError, OperationalError), transaction.atomic():
            return _store(source, document.entries, now)
    with transaction.atomic():
        return _store(source, document.entries, now)


def _store(source: Source, entries: Sequence[ParsedEntry], now: datetime) -> Stored:
    shelf = Shelf.load(source, entries)
    moments = _Moments(now, is_first=not source.entries.exists())
    tally = _Tally()
    for entry in entries:
        _shelve(entry, shelf, moments, tally)
    Paper.objects.bulk_create(tally.created, batch_size=BATCH)
    _update(tally.changed.values())
    Entry.objects.bulk_create(
        [_row(source, paper, entry, moments) for paper, entry in tally.mentions],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    _take_snapshots(tally.counted, now)
    for gone, kept in tally.merged:
        merge(gone, kept, now)
    return tally.stored()


# -- news ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Moments:
    """When things happened, by our clock and by the source's."""

    now: datetime
    is_first: bool  # nothing of this source was stored before

    def mentioned(self, entry: ParsedEntry) -> datetime:
        """When the source mentioned the paper; what came undated with a first fetch is backlog."""
        undated = self.now - BACKLOG_AGE if self.is_first else self.now
        return entry.mentioned_at or undated

    def became_news(self, entry: ParsedEntry) -> datetime:
        mentioned = self.mentioned(entry)
        return mentioned if mentioned < self.now - NEWS_AGE else self.now

    def published(self, entry: ParsedEntry) -> datetime:
        """Some sources date papers in the future; none can be newer than now."""
        return min(entry.published_at or self.mentioned(entry), self.now)


@dataclass
class _Tally:
    """What is to be written for one document."""

    created: list[Paper] = field(default_factory=list)
    changed: dict[int, Paper] = field(default_factory=dict)
    mentions: list[tuple[Paper, ParsedEntry]] = field(default_factory=list)
    counted: list[tuple[Paper, ParsedEntry]] = field(default_factory=list)
    merged: list[tuple[Paper, Paper]] = field(default_factory=list)  # the second one stays
    new: set[str] = field(default_factory=set)

    def stored(self) -> Stored:
        return Stored(
            new=len(self.new),
            updated=len({p.identifier for p in self.changed.values()} - self.new),
            replacements=sum(entry.is_replacement for _, entry in self.mentions),
            new_guids=frozenset(entry.guid for _, entry in self.mentions),
        )


def _shelve(entry: ParsedEntry, shelf: Shelf, moments: _Moments, tally: _Tally) -> None:
    """Bring one entry to its paper, an old one or a new one."""
    folded_title = fold_title(entry.title)
    is_repeat = entry.guid in shelf.by_guid
    paper = shelf.find(entry, folded_title)
    if paper is None:
        paper = _make(entry, folded_title, moments)
        tally.created.append(paper)
        shelf.add(paper)
    paper = _settle_twins(paper, entry, shelf, tally)
    was_mentioned = paper.identifier in shelf.mentioned
    was_news = paper.news_at is not None
    changed = shelf.may_rename(paper, entry.identifier)
    if changed:
        paper.identifier, paper.url = entry.identifier, entry.url
    changed |= _merge(paper, entry, moments, takes_title=entry.is_replacement and not is_repeat)
    if not is_repeat:
        changed |= _make_news(paper, entry, moments, was_mentioned=was_mentioned)
        tally.mentions.append((paper, entry))
        shelf.by_guid[entry.guid] = paper
    shelf.mentioned.add(paper.identifier)
    shelf.by_identifier[paper.identifier] = paper
    if paper.news_at and not was_news:
        tally.new.add(paper.identifier)
    if changed and paper.pk:
        tally.changed[paper.pk] = paper
    if entry.upvotes is not None or entry.comments is not None:
        tally.counted.append((paper, entry))


def _settle_twins(paper: Paper, entry: ParsedEntry, shelf: Shelf, tally: _Tally) -> Paper:
    """Where the entry proves two rows to be one paper: the one with the better name."""
    other = shelf.twin(paper, entry)
    if other is None:
        return paper
    is_better = is_stronger(other.identifier, paper.identifier)
    gone, kept = (paper, other) if is_better else (other, paper)
    shelf.stand_for(gone, kept)
    tally.merged.append((gone, kept))
    return kept


def _make_news(paper: Paper, entry: ParsedEntry, moments: _Moments, *, was_mentioned: bool) -> bool:
    """A first announcement is news, and so is one more source; a replacement never is."""
    if entry.is_replacement:
        return False
    moment = moments.became_news(entry)
    if paper.news_at is not None:
        is_news_again = entry.announce_type == Entry.AnnounceType.NEW and not was_mentioned
        if not is_news_again or moment <= paper.news_at:
            return False
    paper.news_at = moment
    return True


# -- filling in ----------------------------------------------------------------------------------


def _make(entry: ParsedEntry, folded_title: str, moments: _Moments) -> Paper:
    return Paper(
        identifier=entry.identifier,
        title=entry.title,
        folded_title=folded_title,
        url=entry.url,
        published_at=moments.published(entry),
        first_seen_at=moments.now,
    )


def _merge(paper: Paper, entry: ParsedEntry, moments: _Moments, *, takes_title: bool) -> bool:
    """Fill in what the entry knows better; True when anything changed."""
    before = {name: getattr(paper, name) for name in _MERGED_FIELDS}
    if takes_title and entry.title != paper.title:
        paper.title, paper.folded_title = entry.title, fold_title(entry.title)
    if len(entry.abstract) > len(paper.abstract):
        paper.abstract = entry.abstract
    for name in ("doi", "organization", "code_url", "summary"):
        if not getattr(paper, name):
            setattr(paper, name, getattr(entry, name))
    paper.authors = paper.authors or list(entry.authors)
    paper.categories = _join_categories(paper, entry)
    if entry.code_stars is not None:
        paper.code_stars = entry.code_stars
    paper.published_at = min(paper.published_at, moments.published(entry))
    if any(before[name] != getattr(paper, name) for name in _MATCHED_FIELDS):
        paper.matched_at = None
    return any(before[name] != getattr(paper, name) for name in _MERGED_FIELDS)


def _join_categories(paper: Paper, entry: ParsedEntry) -> list[str]:
    """The primary one stays first; a blog's tags do not become an arXiv paper's categories."""
    if paper.categories and is_stronger(paper.identifier, entry.identifier):
        return list(paper.categories)
    return list(dict.fromkeys([*paper.categories, *entry.categories]))[:CATEGORIES]


def _update(papers: Iterable[Paper]) -> None:
    """One statement for each few hundred rows; bulk_update would be twenty times slower."""
    Paper.objects.bulk_create(
        sorted(papers, key=lambda paper: paper.pk),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_MERGED_FIELDS,
    )


def _row(source: Source, paper: Paper, entry: ParsedEntry, moments: _Moments) -> Entry:
    return Entry(
        source=source,
        paper=paper,
        guid=entry.guid,
        announce_type=entry.announce_type,
        published_at=moments.mentioned(entry),
        seen_at=moments.now,
    )


def _take_snapshots(counted: Iterable[tuple[Paper, ParsedEntry]], now: datetime) -> None:
    """Keep a paper's counts when they changed, and once an hour when they did not."""
    entries = {paper.pk: (paper, entry) for paper, entry in counted}
    own = Snapshot.objects.filter(paper=OuterRef("pk"), taken_at__lte=now).order_by("-taken_at")
    newest = Paper.objects.filter(pk__in=entries).values_list(Subquery(own.values("pk")[:1]))
    last = {row.paper_id: row for row in Snapshot.objects.filter(pk__in=newest)}
    rows = [_snapshot(paper, entry, now) for paper, entry in entries.values()]
    Snapshot.objects.bulk_create(
        [row for row in rows if _is_worth_keeping(row, last.get(row.paper_id))],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _snapshot(paper: Paper, entry: ParsedEntry, now: datetime) -> Snapshot:
    return Snapshot(
        paper=paper,
        taken_at=now,
        upvotes=entry.upvotes or 0,
        comments=entry.comments or 0,
        stars=paper.code_stars,
    )


def _is_worth_keeping(row: Snapshot, last: Snapshot | None) -> bool:
    if last is None or row.taken_at - last.taken_at >= SNAPSHOT_EVERY:
        return True
    now, then = ((s.upvotes, s.comments, s.stars) for s in (row, last))
    return now != then
