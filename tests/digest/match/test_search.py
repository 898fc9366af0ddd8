"""Search speaks the topic language, knows names and numbers, and shows a page at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.match import candidates, catalogue_cache, match_papers, search
from digest.match.process_cache import process_cache
from digest.match.search import find_paper_by_name, names_a_paper, search_papers
from digest.web.listing import ORDERS
from subscribers.topics import TopicError
from tests.digest.match.searching import NEWEST, shelve, titles
from tests.factories import NOW, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("diffusion policy", ["Diffusion Policies at Sea"]),
        ("diffusion + policy", ["Diffusion Policies at Sea", "A policy of diffusion"]),
        ("RAG", ["Diffusion Policies at Sea"]),
        ("rag + cloth", ["A policy of diffusion"]),
        ("diffusion -sea", ["A policy of diffusion"]),
        ('"in-context learning"', ["How Lovelace Read Diagrams of the Engine"]),
        ("du chatelet", ["Diffusion Policies at Sea"]),
        ("author:O'Brien", ["Diffusion Policies at Sea"]),
        ("Ada Lovelace", ["How Lovelace Read Diagrams of the Engine"]),
        ("lovelace", ["How Lovelace Read Diagrams of the Engine"]),
        ("org:northlight + cat:cs.RO", ["Diffusion Policies at Sea"]),
        ("quantum gravity", []),
    ],
)
def test_a_search_finds_what_the_topic_would(shelves: None, query: str, found: list[str]) -> None:
    assert sorted(titles(query)) == sorted(found)

    process_cache.forget_all()
    with process_cache.catalogue.lock:
        assert sorted(titles(query)) == sorted(found)  # while another thread reads the papers


def test_what_was_found_is_said(shelves: None) -> None:
    [match] = search_papers("lovelace", NEWEST, 0, 25).matches
    assert match.words == ["Lovelace", "Ada Lovelace"]


def test_a_bad_search_is_answered_with_its_sentence() -> None:
    with pytest.raises(TopicError, match="only says what to leave out"):
        search_papers("-power", NEWEST, 0, 25)


def test_pages_follow_each_other_and_the_count_is_exact_when_all_was_read() -> None:
    for n in range(7):
        make_paper(title=f"Robots, part {n}", trend=n, news_at=NOW)
    match_papers(NOW)
    first = search_papers("robot", ORDERS["trend"], 0, 3)
    last = search_papers("robot", ORDERS["trend"], 6, 3)
    assert [match.paper.trend for match in first.matches] == [6, 5, 4]
    assert (first.is_exact, first.count >= 4) == (False, True)
    assert [match.paper.trend for match in last.matches] == [0]
    assert (last.is_exact, last.count) == (True, 7)


@pytest.mark.parametrize("reach", [1_000, 20])
def test_a_count_goes_by_the_papers_that_can_be_shown(
    monkeypatch: pytest.MonkeyPatch, reach: int
) -> None:
    """Half of the rows are no news to anybody."""
    monkeypatch.setattr("digest.match.candidates.REACH", reach)
    for n in range(40):
        make_paper(title=f"Robot {n}", news_at=NOW if n % 2 else None)
    match_papers(NOW)
    assert search_papers("robots", NEWEST, 0, 4).count == 20


def test_a_count_is_exact_only_where_no_paper_is_beyond_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("digest.match.candidates.REACH", 3)
    for n in range(4):
        make_paper(title=f"Robot {'arms' if n else 'legs'} {n}")
    match_papers(NOW)
    within, beyond = (
        search_papers("robot arms", NEWEST, 0, 9),
        search_papers("robots", NEWEST, 0, 9),
    )
    assert (within.count, within.is_exact) == (3, True)
    assert (len(beyond.matches), beyond.count, beyond.is_exact) == (3, 4, False)


def test_a_search_whose_papers_are_all_no_news_finds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.match.candidates.REACH", 2)
    for n in range(3):
        make_paper(title=f"Robot {n}", news_at=None)
    match_papers(NOW)
    assert (search_papers("robots", NEWEST, 0, 4).count, titles("robots")) == (0, [])


@pytest.mark.parametrize(
    ("typed", "identifier"),
    [
        ("2404.01234", "arxiv:2404.01234"),
        (" arXiv:2404.01234v3 ", "arxiv:2404.01234"),
        ("https://arxiv.org/pdf/2404.01234", "arxiv:2404.01234"),
        ("https://huggingface.co/papers/2404.01234", "arxiv:2404.01234"),
        ("https://digest.example.org/paper/arxiv:2404.01234/", "arxiv:2404.01234"),
        ("how LOVELACE read diagrams of the engine", "arxiv:2404.01234"),
        ("doi:10.1000/ABC", "doi:10.1000/abc"),
        ("https://doi.org/10.1000/abc", "doi:10.1000/abc"),
        ("2404.99999", ""),
        ("lovelace", ""),
    ],
)
def test_a_number_an_address_or_a_title_names_its_paper(
    shelves: None, typed: str, identifier: str
) -> None:
    found = find_paper_by_name(typed)
    assert (found.identifier if found else "") == identifier


def test_a_doi_finds_the_paper_that_is_known_by_another_name(shelves: None) -> None:
    found = find_paper_by_name("https://doi.org/10.1000/sea")
    assert found is not None
    assert found.title == "Diffusion Policies at Sea"


def test_words_are_no_name_of_a_paper() -> None:
    assert names_a_paper("2404.01234")
    assert names_a_paper("https://x.example.org")
    assert not names_a_paper("world model")
    assert not names_a_paper("")


def test_a_search_that_is_repeated_goes_on_where_the_last_one_stopped() -> None:
    for n in range(60):
        make_paper(title=f"Robot {n}", news_at=NOW - n * timedelta(minutes=1))
    match_papers(NOW)
    seen, asked = list[str](), list[int]()
    for start in (0, 0, 25, 50):
        with CaptureQueriesContext(connection) as captured:
            results = search_papers("robots", NEWEST, start, 25)
        seen += [match.paper.title for match in results.matches]
        asked.append(len(captured))
    assert seen[25:] == [f"Robot {n}" for n in range(60)]
    assert seen[:25] == seen[25:50]
    assert (results.count, results.is_exact) == (60, True)
    assert asked[1] < asked[0]


def test_only_the_latest_searches_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_cache.searches, "most", 2)
    for query in ("robots", "boats", "rag", "policies"):
        search_papers(query, NEWEST, 0, 25)
    assert [key[0] for key in process_cache.searches.list_keys()] == ["rag", "policies"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("E. coli", "Growth of E. coli in cold mud"),
        ("SE(3)", "An SE(3)-equivariant network"),
        ("Fe(III)", "Fe(III) oxides in wells"),
        ("[CLS] token", "What the [CLS] token knows"),
        ("CO2", "Capture of CO₂ by mud"),
        ("TNFα", "TNF-α in blood"),
        ("large language models (LLMs)", "A large language model for cups"),
    ],
)
def test_signs_within_a_topic_mean_what_they_mean_in_a_text(query: str, title: str) -> None:
    shelve(title=title, abstract="")
    shelve(title="Something else", abstract="")
    assert titles(query) == [title]


@pytest.mark.parametrize("asks_memory", [False, True])
def test_the_newest_candidates_alone_are_read_until_a_page_wants_more(
    monkeypatch: pytest.MonkeyPatch, asks_memory: bool
) -> None:
    """By the index of words, and by the papers in memory where that is slow with frequent words."""
    for n in range(30):
        make_paper(title=f"Robot {n}", news_at=NOW - (30 - n) * timedelta(minutes=1))
    match_papers(NOW)
    reached, find = set[int](), candidates.CandidateFinder.find

    def note(finder: candidates.CandidateFinder, most: int) -> Any:
        reached.add(most)
        return find(finder, most)

    monkeypatch.setattr(candidates.CandidateFinder, "find", note)
    monkeypatch.setattr(search, "finds_frequent_words_fast", lambda: not asks_memory)
    monkeypatch.setattr(candidates, "FIRST", 8)
    monkeypatch.setattr(candidates, "SCANNED", 12)
    process_cache.get_catalogue()
    first = search_papers("robots", NEWEST, 0, 5)
    assert reached == {8}
    assert not first.is_exact
    assert 20 <= first.count <= 40
    seen = [match.paper.title for match in first.matches]
    for start in range(5, 30, 5):
        found = search_papers("robots", NEWEST, start, 5)
        seen += [match.paper.title for match in found.matches]
    assert reached == {8, candidates.REACH}
    assert seen == [f"Robot {n}" for n in range(29, -1, -1)]
    assert (found.count, found.is_exact) == (30, True)


def test_a_rare_word_is_found_behind_the_newest_papers_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "finds_frequent_words_fast", lambda: False)
    monkeypatch.setattr(candidates, "FIRST", 2)
    monkeypatch.setattr(candidates, "SCANNED", 3)
    shelve(title="Diffusion at sea")
    for n in range(5):
        shelve(title=f"Robot {n}")
    process_cache.get_catalogue()
    assert titles("diffusion") == ["Diffusion at sea"]


@pytest.mark.parametrize("enough", [2, 4])
def test_of_a_rare_phrase_of_frequent_words_memory_fills_the_first_pages(
    monkeypatch: pytest.MonkeyPatch, enough: int
) -> None:
    """Where the papers in memory hold enough the index, which reads every row, is not asked."""
    asked, find = list[int](), candidates.find_newest

    def note(topic: Any, acronyms: Any, most: int, *up_to: int) -> Any:
        asked.extend([most] * (topic.wanted[0].field == ""))
        return find(topic, acronyms, most, *up_to)

    monkeypatch.setattr(search, "finds_frequent_words_fast", lambda: False)
    monkeypatch.setattr(catalogue_cache, "MOST_PAPERS", 8)
    for name, value in (("SCANNED", 2), ("MANY_ROWS", 5), ("ENOUGH", enough), ("FIRST", 30)):
        monkeypatch.setattr(candidates, name, value)
    monkeypatch.setattr(candidates, "find_newest", note)
    for n in range(12):
        phrase = "diffusion policy" if n in (0, 6, 8) else "policy of diffusion"
        make_paper(title=f"A {phrase} {n}", news_at=NOW - (50 - n) * timedelta(days=1))
    match_papers(NOW)
    process_cache.load(NOW)
    first = search_papers("diffusion policy", NEWEST, 0, 1)
    assert [match.paper.title for match in first.matches] == ["A diffusion policy 8"]
    assert asked == ([] if enough == 2 else [30])
    assert titles("diffusion policy") == [f"A diffusion policy {n}" for n in (8, 6, 0)]


def note_spans(monkeypatch: pytest.MonkeyPatch, field: str, **values: float) -> list[int]:
    """How many papers in memory are looked through for each term of the field, as on PostgreSQL.

    `values` are the constants of candidates.py by which that is chosen.
    """
    spans, scan = list[int](), candidates.CandidateFinder._scan

    def note(finder: Any, topic: Any, state: Any, span: int, least: int) -> Any:
        spans.extend([span] * (topic.wanted[0].field == field))
        return scan(finder, topic, state, span, least)

    monkeypatch.setattr(search, "finds_frequent_words_fast", lambda: False)
    for name, value in values.items():
        monkeypatch.setattr(candidates, name, value)
    monkeypatch.setattr(candidates.CandidateFinder, "_scan", note)
    return spans


def test_a_word_that_few_papers_hold_is_asked_of_the_index_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And of one that many hold no more of the papers in memory are looked through than fill it."""
    spans = note_spans(monkeypatch, "", FIRST=4, SCANNED=20, AMPLE=1.5)
    for n in range(24):
        word = "diffusion" if n == 3 else "gloves"
        make_paper(title=f"A {word} {n}", news_at=NOW - (24 - n) * timedelta(days=1))
    match_papers(NOW)
    process_cache.load(NOW)
    assert titles("diffusion") == ["A diffusion 3"]
    assert spans == []
    assert search_papers("gloves", NEWEST, 0, 2).matches[0].paper.title == "A gloves 23"
    assert spans == [6]


def test_a_name_that_the_newest_papers_lack_is_asked_of_the_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Most words that are typed may be a name as well, and are none."""
    spans = note_spans(monkeypatch, "author", FIRST=2, SCANNED=8, PROBED=3)
    for n in range(12):
        authors = ["Ada Adler"] if n == 4 else ["Eva Berg"]
        make_paper(title=f"Paper {n}", authors=authors, news_at=NOW - (24 - n) * timedelta(days=1))
    match_papers(NOW)
    process_cache.load(NOW)
    assert titles("author:adler") == ["Paper 4"]
    assert spans == [3]
    assert search_papers("author:berg", NEWEST, 0, 1).matches[0].paper.title == "Paper 11"
    assert spans == [3, 3, 8]
