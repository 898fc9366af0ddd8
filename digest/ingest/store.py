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
from digest.ingest.merge import merge_papers
from digest.ingest.resolve import PaperIndex
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
class StoredChanges:
    """What one document changed."""

    new: int = 0  # papers that were not known, or only by a replacement
    updated: int = 0  # known papers of which we now know more, or that became news again
    replacements: int = 0  # new versions announced
    new_guids: frozenset[str] = frozenset()

    def __add__(self, other: StoredChanges) -> StoredChanges:
        return StoredChanges(
            self.new + other.new,
            self.updated + other.updated,
            self.replacements + other.replacements,
            self.new_guids | other.new_guids,
        )


def store_document(source: Source, document: ParsedDocument, now: datetime) -> StoredChanges:
    """Save a document's entries, their papers and snapshots; storing it again changes nothing."""
    for _ in range(TRIES - 1):
        # Another worker stored the same paper in between: at the next try it is there to be found.
        with suppress(IntegrityError, OperationalError), transaction.atomic():
            return _store_entries(source, document.entries, now)
    with transaction.atomic():
        return _store_entries(source, document.entries, now)


def _store_entries(source: Source, entries: Sequence[ParsedEntry], now: datetime) -> StoredChanges:
    index = PaperIndex.load(source, entries)
    dates = _EntryDates(now, is_first=not source.entries.exists())
    pending = _PendingWrites()
    for entry in entries:
        _assign_paper(entry, index, dates, pending)
    Paper.objects.bulk_create(pending.created, batch_size=BATCH)
    _update_papers(pending.changed.values())
    Entry.objects.bulk_create(
        [_make_entry_row(source, paper, entry, dates) for paper, entry in pending.mentions],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    _take_snapshots(pending.counted, now)
    for gone, kept in pending.merged:
        merge_papers(gone, kept, now)
    return pending.count_changes()


# -- news ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _EntryDates:
    """The dates of a list's entries, where it was read at `now`."""

    now: datetime
    is_first: bool  # nothing of this source was stored before

    def find_mention_date(self, entry: ParsedEntry) -> datetime:
        """When the source mentioned the paper.

        What came undated with a source's first list is dated as old: it is no news of today.
        """
        undated = self.now - BACKLOG_AGE if self.is_first else self.now
        return entry.mentioned_at or undated

    def find_news_date(self, entry: ParsedEntry) -> datetime:
        """When the mention makes the paper news: now, or back then where it is older than that."""
        mentioned = self.find_mention_date(entry)
        return mentioned if mentioned < self.now - NEWS_AGE else self.now

    def find_publication_date(self, entry: ParsedEntry) -> datetime:
        """The paper's own date; some sources date papers in the future, so at most `now`."""
        return min(entry.published_at or self.find_mention_date(entry), self.now)


@dataclass
class _PendingWrites:
    """What is to be written for one document."""

    created: list[Paper] = field(default_factory=list)
    changed: dict[int, Paper] = field(default_factory=dict)
    mentions: list[tuple[Paper, ParsedEntry]] = field(default_factory=list)
    counted: list[tuple[Paper, ParsedEntry]] = field(default_factory=list)
    merged: list[tuple[Paper, Paper]] = field(default_factory=list)  # the second one stays
    new: set[str] = field(default_factory=set)

    def count_changes(self) -> StoredChanges:
        """What writing all of it changes."""
        return StoredChanges(
            new=len(self.new),
            updated=len({p.identifier for p in self.changed.values()} - self.new),
            replacements=sum(entry.is_replacement for _, entry in self.mentions),
            new_guids=frozenset(entry.guid for _, entry in self.mentions),
        )


def _assign_paper(
    entry: ParsedEntry, index: PaperIndex, dates: _EntryDates, pending: _PendingWrites
) -> None:
    """Find or make the entry's paper, and note in `pending` what is to be written for it."""
    folded_title = fold_title(entry.title)
    is_repeat = entry.guid in index.by_guid
    paper = index.find_paper(entry, folded_title)
    if paper is None:
        paper = _make_paper(entry, folded_title, dates)
        pending.created.append(paper)
        index.add_paper(paper)
    paper = _merge_duplicates(paper, entry, index, pending)
    was_mentioned = paper.identifier in index.mentioned
    was_news = paper.news_at is not None
    changed = index.may_rename(paper, entry.identifier)
    if changed:
        paper.identifier, paper.url = entry.identifier, entry.url
    changed |= _fill_in(paper, entry, dates, takes_title=entry.is_replacement and not is_repeat)
    if not is_repeat:
        changed |= _mark_news(paper, entry, dates, was_mentioned=was_mentioned)
        pending.mentions.append((paper, entry))
        index.by_guid[entry.guid] = paper
    index.mentioned.add(paper.identifier)
    index.by_identifier[paper.identifier] = paper
    if paper.news_at and not was_news:
        pending.new.add(paper.identifier)
    if changed and paper.pk:
        pending.changed[paper.pk] = paper
    if entry.upvotes is not None or entry.comments is not None:
        pending.counted.append((paper, entry))


def _merge_duplicates(
    paper: Paper, entry: ParsedEntry, index: PaperIndex, pending: _PendingWrites
) -> Paper:
    """Where the entry proves two rows to be one paper: the one of them that stays."""
    other = index.find_duplicate(paper, entry)
    if other is None:
        return paper
    is_better = is_stronger(other.identifier, paper.identifier)
    gone, kept = (paper, other) if is_better else (other, paper)
    index.replace_paper(gone, kept)
    pending.merged.append((gone, kept))
    return kept


def _mark_news(
    paper: Paper, entry: ParsedEntry, dates: _EntryDates, *, was_mentioned: bool
) -> bool:
    """Set `news_at` where the entry makes the paper news: whether it did.

    A first announcement does, and so does one by another source; a replacement never does.
    """
    if entry.is_replacement:
        return False
    moment = dates.find_news_date(entry)
    if paper.news_at is not None:
        is_news_again = entry.announce_type == Entry.AnnounceType.NEW and not was_mentioned
        if not is_news_again or moment <= paper.news_at:
            return False
    paper.news_at = moment
    return True


# -- filling in ----------------------------------------------------------------------------------


def _make_paper(entry: ParsedEntry, folded_title: str, dates: _EntryDates) -> Paper:
    return Paper(
        identifier=entry.identifier,
        title=entry.title,
        folded_title=folded_title,
        url=entry.url,
        published_at=dates.find_publication_date(entry),
        first_seen_at=dates.now,
    )


def _fill_in(paper: Paper, entry: ParsedEntry, dates: _EntryDates, *, takes_title: bool) -> bool:
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
    paper.published_at = min(paper.published_at, dates.find_publication_date(entry))
    if any(before[name] != getattr(paper, name) for name in _MATCHED_FIELDS):
        paper.matched_at = None
    return any(before[name] != getattr(paper, name) for name in _MERGED_FIELDS)


def _join_categories(paper: Paper, entry: ParsedEntry) -> list[str]:
    """The primary one stays first; a blog's tags do not become an arXiv paper's categories."""
    if paper.categories and is_stronger(paper.identifier, entry.identifier):
        return list(paper.categories)
    return list(dict.fromkeys([*paper.categories, *entry.categories]))[:CATEGORIES]


def _update_papers(papers: Iterable[Paper]) -> None:
    """One statement for each few hundred rows; bulk_update would be twenty times slower."""
    Paper.objects.bulk_create(
        sorted(papers, key=lambda paper: paper.pk),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_MERGED_FIELDS,
    )


def _make_entry_row(source: Source, paper: Paper, entry: ParsedEntry, dates: _EntryDates) -> Entry:
    return Entry(
        source=source,
        paper=paper,
        guid=entry.guid,
        announce_type=entry.announce_type,
        published_at=dates.find_mention_date(entry),
        seen_at=dates.now,
    )


def _take_snapshots(counted: Iterable[tuple[Paper, ParsedEntry]], now: datetime) -> None:
    """Keep a paper's counts when they changed, and once an hour when they did not."""
    entries = {paper.pk: (paper, entry) for paper, entry in counted}
    own = Snapshot.objects.filter(paper=OuterRef("pk"), taken_at__lte=now).order_by("-taken_at")
    newest = Paper.objects.filter(pk__in=entries).values_list(Subquery(own.values("pk")[:1]))
    last = {row.paper_id: row for row in Snapshot.objects.filter(pk__in=newest)}
    rows = [_make_snapshot(paper, entry, now) for paper, entry in entries.values()]
    Snapshot.objects.bulk_create(
        [row for row in rows if _is_worth_keeping(row, last.get(row.paper_id))],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _make_snapshot(paper: Paper, entry: ParsedEntry, now: datetime) -> Snapshot:
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
