"""A paper filled in with what an entry knows better, and the dates that an entry gives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.identifiers import is_stronger
from digest.ingest.better_facts import choose_authors, choose_date
from digest.ingest.better_text import choose_wording, read_wording
from digest.ingest.sources.parsed import ParsedEntry
from digest.ingest.text.clean import CATEGORIES
from digest.models import Paper

# What a source's first fetch brings with an earlier date than this is its backlog, and no news.
NEWS_AGE = timedelta(days=3)
BACKLOG_AGE = timedelta(days=4)

# What a paper is matched by: when one of these changes it is compared with the topics anew.
_MATCHED_FIELDS = ("title", "abstract", "authors", "organization", "categories")
MERGED_FIELDS = [
    *("identifier", "doi", "title", "folded_title", "abstract", "authors", "organization", "url"),
    *("code_url", "code_stars", "categories", "summary", "published_at", "news_at", "matched_at"),
    "text_version",
]


@dataclass(frozen=True)
class EntryDates:
    """The dates of a list's entries, where it was read at `now`."""

    now: datetime
    is_first: bool  # the source never showed this list before

    def find_mention_date(self, entry: ParsedEntry) -> datetime:
        """When the source mentioned the paper.

        What came undated with a source's first list is dated as old: it is no news of today.
        """
        undated = self.now - BACKLOG_AGE if self.is_first else self.now
        return entry.mentioned_at or undated

    def find_news_date(self, entry: ParsedEntry) -> datetime:
        """When the mention makes the paper news: now, whatever date it bears.

        Only of what a source shows at first the old part is its backlog, and was news back then.
        """
        mentioned = self.find_mention_date(entry)
        return mentioned if self.is_first and mentioned < self.now - NEWS_AGE else self.now

    def find_publication_date(self, entry: ParsedEntry) -> datetime:
        """The paper's own date; some sources date papers in the future, so at most `now`."""
        return min(entry.published_at or self.find_mention_date(entry), self.now)


def make_paper(entry: ParsedEntry, folded_title: str, dates: EntryDates) -> Paper:
    """A paper of what its first mention says of it, not saved yet; `fill_in` adds the rest."""
    return Paper(
        identifier=entry.identifier,
        title=entry.title,
        folded_title=folded_title,
        url=entry.url,
        published_at=dates.find_publication_date(entry),
        first_seen_at=dates.now,
    )


def fill_in(paper: Paper, entry: ParsedEntry, dates: EntryDates, *, is_repeat: bool) -> bool:
    """Fill in what the entry knows better; True when anything changed."""
    before = {name: getattr(paper, name) for name in MERGED_FIELDS}
    # What was announced once as a replacement of it is no newer when it is seen again.
    wording = read_wording(entry, paper.text_version - is_repeat)
    is_newer = wording.version > paper.text_version
    choose_wording(paper, wording)
    paper.authors = choose_authors(paper.authors, entry.authors, is_newer=is_newer)
    for name in ("doi", "organization", "code_url", "summary"):
        if not getattr(paper, name):
            setattr(paper, name, getattr(entry, name))
    paper.categories = _join_categories(paper, entry)
    if entry.code_stars is not None:
        paper.code_stars = entry.code_stars
    if entry.published_at and not entry.is_replacement:
        published_at, is_rough = min(entry.published_at, dates.now), entry.is_date_rough
        paper.published_at = choose_date(
            paper.identifier, paper.published_at, published_at, is_rough=is_rough
        )
    if any(before[name] != getattr(paper, name) for name in _MATCHED_FIELDS):
        paper.matched_at = None
    return any(before[name] != getattr(paper, name) for name in MERGED_FIELDS)


def _join_categories(paper: Paper, entry: ParsedEntry) -> list[str]:
    """The primary one stays first; a blog's tags do not become an arXiv paper's categories."""
    if paper.categories and is_stronger(paper.identifier, entry.identifier):
        return list(paper.categories)
    return list(dict.fromkeys([*paper.categories, *entry.categories]))[:CATEGORIES]
