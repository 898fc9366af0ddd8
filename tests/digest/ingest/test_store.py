from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry
from digest.ingest.store import TRIES, StoredChanges, store_document
from digest.models import Entry, Merger, Paper, PaperAlias, Snapshot, Source
from tests.factories import NOW, make_paper, make_source

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TITLE = "A long and telling title about diffusion policies"


def _entry(number: str = "2604.00001", **fields: Any) -> ParsedEntry:
    defaults = {
        "guid": f"oai:{number}v1",
        "identifier": f"arxiv:{number}",
        "title": f"Paper {number}",
        "url": f"https://arxiv.org/abs/{number}",
        "published_at": NOW,
    }
    return ParsedEntry(**(defaults | fields))


def _post(name: str = "1", **fields: Any) -> ParsedEntry:
    url = f"https://lab.example.org/{name}"
    defaults = {"guid": url, "identifier": f"url:{url}", "title": TITLE, "url": url}
    return ParsedEntry(**(defaults | {"published_at": NOW} | fields))


def _store(source: Source, *entries: ParsedEntry, now: datetime = NOW) -> StoredChanges:
    return store_document(source, ParsedDocument(entries=entries), now)


# -- one paper, one row


def test_an_entry_brings_its_paper() -> None:
    source = make_source()
    entry = _entry(
        abstract="We study.",
        authors=("Ana Diaz",),
        categories=("cs.CL", "cs.AI"),
        organization="The Lab",
        doi="10.1000/x",
        summary="It studies.",
        code_url="https://github.com/lab/x",
        code_stars=3,
    )
    stored = _store(source, entry)
    assert (stored.new, stored.updated, stored.replacements) == (1, 0, 0)
    assert stored.new_guids == {entry.guid}
    paper = Paper.objects.get()
    assert paper.identifier == "arxiv:2604.00001"
    assert paper.folded_title == "paper 2604 00001"
    assert paper.categories == ["cs.CL", "cs.AI"]
    assert paper.authors == ["Ana Diaz"]
    assert (paper.organization, paper.doi, paper.code_stars) == ("The Lab", "10.1000/x", 3)
    assert paper.first_seen_at == paper.news_at == paper.published_at == NOW
    assert paper.entries.get().announce_type == "new"


def test_storing_a_document_again_changes_nothing() -> None:
    source = make_source()
    entries = [_entry(f"2604.{n:05}", abstract="x", upvotes=4) for n in range(1, 6)]
    assert _store(source, *entries).new == 5
    before = list(Paper.objects.order_by("pk").values())
    assert _store(source, *entries) == StoredChanges()
    assert list(Paper.objects.order_by("pk").values()) == before
    assert (Entry.objects.count(), Snapshot.objects.count()) == (5, 5)


def test_two_sources_with_one_paper_make_one_row_with_two_entries() -> None:
    _store(make_source(), _entry())
    stored = _store(make_source(), _entry(guid="2604.00001"), now=NOW + HOUR)
    assert (stored.new, stored.updated) == (0, 1)
    assert Paper.objects.get().entries.count() == 2


def test_two_entries_of_one_paper_in_one_document_make_one_row() -> None:
    _store(make_source(), _entry(guid="a"), _entry(guid="b"))
    assert Paper.objects.get().entries.count() == 2


def test_a_paper_is_found_by_its_doi() -> None:
    _store(make_source(), _entry(doi="10.1000/x"))
    journal = _post(identifier="doi:10.1000/x", doi="10.1000/x", title="Another title")
    _store(make_source(), journal)
    assert Paper.objects.get().identifier == "arxiv:2604.00001"


def test_a_stronger_name_takes_the_place_of_a_weaker_one() -> None:
    names = {"authors": ("Ana Diaz",)}
    _store(make_source(), _post(**names))
    _store(make_source(), _post("2", identifier="doi:10.1000/x", doi="10.1000/x", **names))
    assert Paper.objects.get().identifier == "doi:10.1000/x"
    _store(make_source(), _entry(title=TITLE, **names))
    paper = Paper.objects.get()
    assert paper.identifier == "arxiv:2604.00001"
    assert paper.url == "https://arxiv.org/abs/2604.00001"
    assert paper.doi == "10.1000/x"
    assert paper.entries.count() == 3


def test_a_name_of_a_paper_by_others_is_not_taken() -> None:
    source = make_source()
    _store(source, _post("1", title="One", authors=("Ana Diaz",)))
    _store(make_source(), _entry(title="Two", authors=("Bo Chen",)))
    _store(source, _post("1", title="One", identifier="arxiv:2604.00001"))
    assert set(Paper.objects.values_list("identifier", flat=True)) == {
        "url:https://lab.example.org/1",
        "arxiv:2604.00001",
    }
    assert not Merger.objects.exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_entry("2604.00001", title=TITLE), _entry("2604.00002", title=TITLE)),
        (_entry(title="Introduction"), _post(title="Introduction")),
        (_entry(title=TITLE, authors=("Ana Diaz",)), _post(authors=("Bo Chen", "Cy Poe"))),
        (_entry("2604.00001", doi="10.1000/x"), _entry("2604.00002", doi="10.1000/x")),
    ],
    ids=["two arXiv numbers", "a short title", "no author in common", "one DOI for two numbers"],
)
def test_what_may_be_two_papers_stays_two(one: ParsedEntry, other: ParsedEntry) -> None:
    _store(make_source(), one)
    _store(make_source(), replace(other, guid="other"))
    assert Paper.objects.count() == 2


def test_an_author_in_common_is_told_by_the_surname() -> None:
    _store(make_source(), _entry(title=TITLE, authors=("Ana Díaz", "Bo Chen")))
    _store(make_source(), _post(authors=("A. Diaz",)))
    assert Paper.objects.count() == 1


def test_a_title_that_one_source_uses_twice_means_two_papers() -> None:
    source = make_source()
    _store(source, _post("1"), _post("2"))
    _store(source, _post("3"), now=NOW + DAY)
    assert Paper.objects.count() == 3


# -- filling in


def test_empty_fields_are_filled_and_full_ones_kept() -> None:
    first = _entry(abstract="Short.", authors=("Ana Diaz",), categories=("cs.CL",))
    _store(make_source(), first)
    second = _entry(
        guid="2",
        title="Another spelling",
        abstract="A longer abstract.",
        authors=("A. Diaz",),
        categories=("cs.AI", "cs.CL"),
        organization="The Lab",
        summary="It studies.",
        code_url="https://github.com/lab/x",
        code_stars=9,
    )
    _store(make_source(), second)
    _store(make_source(), replace(second, guid="3", organization="Other", code_stars=11))
    paper = Paper.objects.get()
    assert paper.title == "Paper 2604.00001"
    assert paper.abstract == "A longer abstract."
    assert paper.authors == ["Ana Diaz"]
    assert paper.categories == ["cs.CL", "cs.AI"]
    assert (paper.organization, paper.summary) == ("The Lab", "It studies.")
    assert paper.code_stars == 11


def test_a_blogs_tags_do_not_become_an_arxiv_papers_categories() -> None:
    _store(make_source(), _entry(title=TITLE, categories=("cs.CL",), authors=("Ana Diaz",)))
    _store(make_source(), _post(categories=("news", "robots")))
    assert Paper.objects.get().categories == ["cs.CL"]


def test_a_new_version_brings_its_new_title() -> None:
    source = make_source()
    _store(source, _entry(title="The old title"))
    _store(source, _entry(guid="v2", title="The new title", announce_type="replace"))
    paper = Paper.objects.get()
    assert (paper.title, paper.folded_title) == ("The new title", "the new title")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("abstract", "A longer abstract."),
        ("organization", "The Lab"),
        ("categories", ("cs.CL",)),
        ("authors", ("Ana Diaz",)),
    ],
)
def test_a_paper_whose_text_changed_is_matched_again(field: str, value: Any) -> None:
    source = make_source()
    _store(source, _entry())
    Paper.objects.update(matched_at=NOW)
    assert _store(source, _entry(**{field: value})).updated == 1
    assert Paper.objects.get().matched_at is None


def test_a_paper_with_more_stars_is_not_matched_again() -> None:
    source = make_source()
    _store(source, _entry(code_stars=1))
    Paper.objects.update(matched_at=NOW)
    _store(source, _entry(code_stars=2))
    assert Paper.objects.get().matched_at == NOW


def test_no_paper_is_newer_than_now_and_the_earliest_date_is_its_own() -> None:
    source = make_source()
    _store(source, _entry(published_at=NOW + 400 * DAY))
    assert Paper.objects.get().published_at == NOW
    _store(make_source(), _entry(guid="2", published_at=NOW - 9 * DAY, listed_at=NOW))
    assert Paper.objects.get().published_at == NOW - 9 * DAY
    assert Entry.objects.get(guid="2").published_at == NOW


# -- what is news


def test_a_replacement_never_makes_a_paper_new() -> None:
    source = make_source()
    stored = _store(source, _entry(announce_type="replace"))
    assert (stored.new, stored.replacements) == (0, 1)
    assert Paper.objects.get().news_at is None
    _store(make_source(), _entry(guid="2", announce_type="replace-cross"), now=NOW + DAY)
    assert Paper.objects.get().news_at is None


def test_a_paper_known_by_a_replacement_becomes_news_when_it_is_listed() -> None:
    _store(make_source(), _entry(announce_type="replace"))
    stored = _store(make_source(), _entry(guid="2", listed_at=NOW + DAY), now=NOW + DAY)
    assert (stored.new, stored.updated) == (1, 0)
    assert Paper.objects.get().news_at == NOW + DAY


def test_a_replacement_of_known_news_does_not_make_it_news_again() -> None:
    source = make_source()
    _store(source, _entry())
    later = NOW + 2 * DAY
    _store(source, _entry(guid="v2", announce_type="replace", published_at=later), now=later)
    _store(make_source(), _entry(guid="v2", announce_type="replace"), now=later)
    assert Paper.objects.get().news_at == NOW


def test_one_more_source_makes_a_paper_news_again() -> None:
    _store(make_source(), _entry())
    later = NOW + 2 * DAY
    _store(make_source(), _entry(guid="2604.00001", listed_at=later), now=later)
    assert Paper.objects.get().news_at == later


def test_the_same_source_does_not_make_a_paper_news_again() -> None:
    source = make_source()
    _store(source, _entry())
    _store(source, _entry(), now=NOW + DAY)
    _store(source, _entry(guid="another", published_at=NOW + DAY), now=NOW + DAY)
    assert Paper.objects.get().news_at == NOW


def test_a_cross_listing_is_news_only_of_a_paper_not_known() -> None:
    _store(make_source(), _entry(announce_type="cross"))
    assert Paper.objects.get().news_at == NOW
    _store(make_source(), _entry(guid="2", announce_type="cross"), now=NOW + DAY)
    assert Paper.objects.get().news_at == NOW


def test_a_backlog_is_not_news_of_today() -> None:
    old = NOW - 5 * DAY
    _store(make_source(), _entry("2604.00001", published_at=old))
    _store(make_source(), _entry("2604.00002", published_at=NOW - 40 * DAY, listed_at=old))
    _store(make_source(), _entry("2604.00003", published_at=NOW - 2 * DAY))
    news = Paper.objects.order_by("identifier").values_list("news_at", flat=True)
    assert list(news) == [old, old, NOW]


def test_a_source_that_mentions_it_late_does_not_make_news_older() -> None:
    _store(make_source(), _entry())
    _store(make_source(), _entry(guid="2", listed_at=NOW - 9 * DAY))
    assert Paper.objects.get().news_at == NOW


def test_undated_entries_of_a_first_fetch_are_backlog_and_later_ones_news() -> None:
    source = make_source()
    _store(source, _post("1", title="One", published_at=None))
    first = Paper.objects.get()
    assert first.news_at == first.published_at == NOW - 4 * DAY
    _store(source, _post("2", title="Two", published_at=None), now=NOW + HOUR)
    assert Paper.objects.get(title="Two").news_at == NOW + HOUR


# -- snapshots


def _votes(upvotes: int | None, **fields: Any) -> ParsedEntry:
    return _entry(upvotes=upvotes, **fields)


def test_a_snapshot_is_kept_when_the_counts_change_or_an_hour_has_passed() -> None:
    source = make_source()
    minute = timedelta(minutes=1)
    for votes, after in (
        (5, 0 * HOUR),
        (5, minute),
        (6, 2 * minute),
        (6, 3 * minute),
        (6, HOUR * 2),
    ):
        _store(source, _votes(votes, comments=1, code_stars=3), now=NOW + after)
    kept = Snapshot.objects.values_list("upvotes", "comments", "stars", "taken_at")
    assert list(kept) == [
        (5, 1, 3, NOW),
        (6, 1, 3, NOW + 2 * minute),
        (6, 1, 3, NOW + 2 * HOUR),
    ]


def test_a_paper_nobody_counts_has_no_snapshot() -> None:
    _store(make_source(), _entry(code_stars=3))
    assert not Snapshot.objects.exists()


def test_a_day_replayed_later_keeps_its_own_snapshots() -> None:
    source = make_source()
    _store(source, _votes(5), now=NOW + DAY)
    _store(source, _votes(4), now=NOW)
    assert Snapshot.objects.count() == 2


# -- many at once


def test_two_thousand_entries_cost_few_queries() -> None:
    source, other = make_source(), make_source()
    entries = [
        _entry(f"2604.{n:05}", title=f"{TITLE} number {n}", upvotes=n) for n in range(1, 2001)
    ]
    with CaptureQueriesContext(connection) as first:
        assert _store(source, *entries).new == 2000
    assert len(first) < 200  # SQLite takes some fifty rows at a time
    longer = [replace(e, guid=f"x{n}", abstract="More.") for n, e in enumerate(entries)]
    with CaptureQueriesContext(connection) as again:
        assert _store(other, *longer, now=NOW + HOUR).updated == 2000
    assert len(again) < 200
    assert Paper.objects.filter(news_at=NOW + HOUR, abstract="More.").count() == 2000


def test_an_empty_document_is_stored_at_once() -> None:
    assert _store(make_source()) == StoredChanges()


def test_what_two_documents_changed_adds_up() -> None:
    total = StoredChanges(1, 2, 3, frozenset("a")) + StoredChanges(10, 20, 30, frozenset("b"))
    assert total == StoredChanges(11, 22, 33, frozenset("ab"))


# -- others at work


def test_a_paper_that_another_worker_stored_in_between_is_tried_again() -> None:
    between = iter([True])

    def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        if 'INSERT INTO "digest_paper"' in sql and next(between, False):
            make_paper(identifier="arxiv:2604.00001")
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        _store(make_source(), _entry())
    assert Paper.objects.get().entries.count() == 1


def test_a_database_that_stays_locked_is_not_tried_for_ever() -> None:
    tries = []

    def locked(execute: Any, sql: str, *rest: Any) -> Any:
        if 'INSERT INTO "digest_paper"' in sql:
            tries.append(sql)
            raise OperationalError("locked")
        return execute(sql, *rest)

    source = make_source()
    with connection.execute_wrapper(locked), pytest.raises(OperationalError):
        _store(source, _entry())
    assert len(tries) == TRIES
    assert not Paper.objects.exists()


# -- what a source shows, whatever names and dates it gives


NAMED = {"authors": ("Ada Lunt", "Bo Karr")}
OLD_DAY = NOW - timedelta(days=200)


def _fetched(**fields: Any) -> Source:
    """A source that was read before."""
    return make_source(last_fetched_at=NOW - DAY, **fields)


def test_an_entry_is_news_when_its_source_first_shows_it_whatever_date_it_bears() -> None:
    _store(_fetched(), _post(published_at=OLD_DAY))
    paper = Paper.objects.get()
    assert (paper.news_at, paper.published_at) == (NOW, OLD_DAY)


def test_only_what_a_source_shows_at_first_is_its_backlog() -> None:
    stored = _store(make_source(), _post(published_at=OLD_DAY))
    assert Paper.objects.get().news_at == OLD_DAY
    assert stored.backlog == 1
    # Its first answer was empty: what comes now is new.
    _store(_fetched(), _post("2", title="Another title", published_at=OLD_DAY))
    assert Paper.objects.get(title="Another title").news_at == NOW


def test_links_that_change_at_each_fetch_name_one_paper_with_one_entry() -> None:
    source = make_source()
    for day, token in enumerate("abc"):
        stored = _store(source, _post(f"?v={token}", has_id=False), now=NOW + day * DAY)
        assert bool(stored.new_guids) == (day == 0)
    paper = Paper.objects.get()
    assert paper.entries.get().guid == paper.url == "https://lab.example.org/?v=c"
    assert paper.news_at == NOW


def test_a_preprint_whose_journal_changes_its_links_each_time_stays_one_paper() -> None:
    _store(make_source(), _entry(title=TITLE, authors=("Ada Lunt",)), now=NOW)
    journal, printed = make_source(), NOW + 5 * DAY
    for day, token in enumerate("abc", start=5):
        post = _post(token, published_at=printed, authors=("Lunt, Ada",))
        _store(journal, post, now=NOW + day * DAY)
    paper = Paper.objects.get()
    assert paper.identifier == "arxiv:2604.00001"
    assert paper.entries.filter(source=journal).count() == 1


def test_a_preprint_and_its_journals_version_meet_by_relation_or_by_authors() -> None:
    preprint = {"identifier": "doi:10.1101/2026.04.01.123456", "doi": "10.1101/2026.04.01.123456"}
    journal = {"identifier": "doi:10.1000/x", "doi": "10.1000/x"}
    _store(make_source(), _post("1", authors=("A. Lunt", "B. Karr"), **preprint))
    _store(make_source(), _post("2", authors=("Lunt, Ada",), **journal))
    assert Paper.objects.get().identifier == "doi:10.1000/x"
    renamed = _post(
        "3",
        title="A wholly other title of the same work",
        identifier="doi:10.1000/y",
        relations=("doi:10.1101/2026.04.01.123456",),
        **NAMED,
    )
    _store(make_source(), replace(renamed, identifier="url:https://x.example.org/3"))
    assert Paper.objects.count() == 1


def test_a_relation_that_comes_first_is_remembered() -> None:
    _store(make_source(), _post("1", relations=("doi:10.1000/x",), **NAMED))
    _store(make_source(), _post("2", identifier="doi:10.1000/x", title="Renamed", **NAMED))
    paper = Paper.objects.get()
    assert paper.identifier == "doi:10.1000/x"


def test_what_was_once_a_papers_name_finds_it_ever_after() -> None:
    _store(make_source(), _post("1", **NAMED))
    _store(make_source(), _entry(title=TITLE, **NAMED))
    assert Paper.objects.get().identifier == "arxiv:2604.00001"
    _store(make_source(), _post("1", title="What we did this week"))
    assert Paper.objects.count() == 1


def test_two_rows_that_older_rules_named_apart_become_one_when_it_is_seen_again() -> None:
    name = "doi:10.21203/rs.3.rs-1"
    papers = [make_paper(identifier=f"{name}/v{n}", title=TITLE) for n in (1, 2)]
    for paper in papers:
        PaperAlias.objects.create(name=name, paper=paper)
    _store(make_source(), _post(identifier=name, title="A new title"))
    assert Merger.objects.count() == 1
    assert Paper.objects.filter(news_at__isnull=False).count() == 1


def test_mere_headlines_of_two_publishers_do_not_meet() -> None:
    _store(make_source(), _post("1", abstract="Our own Ada won."))
    _store(make_source(), _post("2", abstract="Cy won two."))
    assert Paper.objects.count() == 2


def test_the_text_of_the_newest_version_is_shown_though_it_is_shorter() -> None:
    source = make_source()
    _store(source, _entry(version=1, abstract="We show that slow robots grasp nine cups in ten."))
    newer = _entry(guid="v2", version=2, title="But rarely", abstract="We grasp one cup in ten.")
    _store(source, replace(newer, announce_type="replace"))
    _store(
        make_source(), _entry(abstract="We show that slow robots grasp nine cups in ten, or so.")
    )
    paper = Paper.objects.get()
    assert (paper.title, paper.abstract) == ("But rarely", "We grasp one cup in ten.")
