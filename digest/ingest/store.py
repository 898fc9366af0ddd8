"""Entries to papers: find the paper an entry speaks of, fill it in, and say whether it is news.

A list of two thousand entries costs about ten queries, whatever is new in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, OperationalError, transaction

from digest.identifiers import fold_title, is_stronger
from digest.ingest.fill_in import MERGED_FIELDS, EntryDates, fill_in, make_paper
from digest.ingest.merge import merge_papers
from digest.ingest.resolve import PaperIndex, list_names_of
from digest.ingest.snapshots import take_snapshots
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry
from digest.models import Entry, Paper, PaperAlias, Source

TRIES = 3
BATCH = 500


@dataclass(frozen=True)
class StoredChanges:
    """What one document changed."""

    new: int = 0  # papers that were not known, or only by a replacement
    updated: int = 0  # known papers of which we now know more, or that became news again
    replacements: int = 0  # new versions announced
    new_guids: frozenset[str] = frozenset()
    backlog: int = 0  # mentions that are no news, for their dates

    def __add__(self, other: StoredChanges) -> StoredChanges:
        return StoredChanges(
            self.new + other.new,
            self.updated + other.updated,
            self.replacements + other.replacements,
            self.new_guids | other.new_guids,
            self.backlog + other.backlog,
        )


def store_document(
    source: Source, document: ParsedDocument, now: datetime, *, is_first: bool | None = None
) -> StoredChanges:
    """Save a document's entries, their papers and snapshots; storing it again changes nothing.

    `is_first`: the source never showed this list before, so that what it dates as old is its
    backlog; where it is not given, that is a source of which nothing was ever fetched.
    """
    for _ in range(TRIES - 1):
        # Another worker stored the same paper in between: at the next try it is there to be found.
        with suppress(IntegrityError, OperationalError), transaction.atomic():
            return _store_entries(source, document.entries, now, is_first)
    with transaction.atomic():
        return _store_entries(source, document.entries, now, is_first)


def _store_entries(
    source: Source, entries: Sequence[ParsedEntry], now: datetime, is_first: bool | None
) -> StoredChanges:
    index = PaperIndex.load(source, entries)
    if is_first is None:
        is_first = source.last_fetched_at is None and not source.entries.exists()
    dates = EntryDates(now, is_first)
    pending = _PendingWrites()
    for entry in entries:
        _assign_paper(entry, index, dates, pending)
    Paper.objects.bulk_create(pending.created, batch_size=BATCH)
    _update_papers(pending.changed.values())
    PaperAlias.objects.bulk_create(
        [PaperAlias(name=name, paper=paper) for name, paper in pending.aliases.items()],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    _rename_entries(source, pending.relisted)
    Entry.objects.bulk_create(
        [_make_entry_row(source, paper, entry, dates) for paper, entry in pending.mentions],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    take_snapshots(pending.counted, now)
    for gone, kept in pending.merged:
        merge_papers(gone, kept, now)
    return pending.count_changes()


@dataclass
class _PendingWrites:
    """What is to be written for one document."""

    created: list[Paper] = field(default_factory=list)
    changed: dict[int, Paper] = field(default_factory=dict)
    mentions: list[tuple[Paper, ParsedEntry]] = field(default_factory=list)
    counted: list[tuple[Paper, ParsedEntry]] = field(default_factory=list)
    merged: list[tuple[Paper, Paper]] = field(default_factory=list)  # the second one stays
    aliases: dict[str, Paper] = field(default_factory=dict)  # names that papers have besides
    relisted: dict[str, str] = field(default_factory=dict)  # guids and those in their place
    relisted_guids: set[str] = field(default_factory=set)  # the latter
    new: set[str] = field(default_factory=set)
    old: int = 0  # mentions that count as backlog

    def count_changes(self) -> StoredChanges:
        """What writing all of it changes."""
        return StoredChanges(
            new=len(self.new),
            updated=len({p.identifier for p in self.changed.values()} - self.new),
            replacements=sum(entry.is_replacement for _, entry in self.mentions),
            new_guids=frozenset(entry.guid for _, entry in self.mentions),
            backlog=self.old,
        )


def _assign_paper(
    entry: ParsedEntry, index: PaperIndex, dates: EntryDates, pending: _PendingWrites
) -> None:
    """Find or make the entry's paper, and note in `pending` what is to be written for it."""
    folded_title = fold_title(entry.title)
    _note_earlier_listing(entry, folded_title, index, pending)
    is_repeat = entry.guid in index.by_guid
    paper = index.find_paper(entry, folded_title)
    if paper is None:
        paper = make_paper(entry, folded_title, dates)
        pending.created.append(paper)
        index.add_paper(paper)
    paper = _merge_duplicates(paper, entry, index, pending)
    was_mentioned = paper.identifier in index.mentioned
    was_news = paper.news_at is not None
    changed = _note_names(paper, entry, index, pending)
    changed |= fill_in(paper, entry, dates, is_repeat=is_repeat)
    if not is_repeat:
        changed |= _mark_news(paper, entry, dates, was_mentioned=was_mentioned)
        pending.old += not entry.is_replacement and dates.find_news_date(entry) < dates.now
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


def _note_earlier_listing(
    entry: ParsedEntry, folded_title: str, index: PaperIndex, pending: _PendingWrites
) -> None:
    """Know an entry again whose address changed; the paper gets the address that works now."""
    found = index.find_earlier_listing(entry, folded_title)
    if found is None:
        return
    paper, guid = found
    index.by_guid[entry.guid] = paper
    pending.relisted[guid] = entry.guid
    pending.relisted_guids.add(entry.guid)
    if paper.identifier.startswith("url:") and paper.url != entry.url:
        paper.url = entry.url
        pending.changed[paper.pk] = paper


def _note_names(
    paper: Paper, entry: ParsedEntry, index: PaperIndex, pending: _PendingWrites
) -> bool:
    """Let the paper have the better name, and be found by all others: whether its own changed."""
    known_doi = f"doi:{paper.doi or entry.doi}"
    names = [name for name in list_names_of(entry) if name != known_doi]
    if entry.guid in pending.relisted_guids:
        names = [name for name in names if not name.startswith("url:")]  # another each time
    is_renamed = index.may_rename(paper, entry.identifier)
    if is_renamed:
        pending.aliases[paper.identifier] = paper
        paper.identifier, paper.url = entry.identifier, entry.url
        index.by_identifier[paper.identifier] = paper
    for name in names:
        if index.find_named(name) is None:
            pending.aliases[name] = paper
            index.by_alias[name].append(paper)
    return is_renamed


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


def _mark_news(paper: Paper, entry: ParsedEntry, dates: EntryDates, *, was_mentioned: bool) -> bool:
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


# -- writing ---------------------------------------------------------------------------------------


def _rename_entries(source: Source, relisted: dict[str, str]) -> None:
    rows = list(Entry.objects.filter(source=source, guid__in=relisted))
    for row in rows:
        row.guid = relisted[row.guid]
    Entry.objects.bulk_update(rows, ["guid"], batch_size=BATCH)


def _update_papers(papers: Iterable[Paper]) -> None:
    """One statement for each few hundred rows; bulk_update would be twenty times slower."""
    Paper.objects.bulk_create(
        sorted(papers, key=lambda paper: paper.pk),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=MERGED_FIELDS,
    )


def _make_entry_row(source: Source, paper: Paper, entry: ParsedEntry, dates: EntryDates) -> Entry:
    return Entry(
        source=source,
        paper=paper,
        guid=entry.guid,
        announce_type=entry.announce_type,
        published_at=dates.find_mention_date(entry),
        seen_at=dates.now,
    )
