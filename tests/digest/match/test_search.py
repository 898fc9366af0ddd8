"""Search speaks the topic language, knows names and numbers, and shows a page at a time."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest.match import match_papers
from digest.match.process_cache import process_cache
from digest.match.search import SearchResults, find_paper_by_name, names_a_paper, search_papers
from digest.web.listing import ORDERS
from digest.web.search import round_count
from subscribers.topics import TopicError
from tests.digest.match.searching import NEWEST, titles
from tests.factories import NOW, allow, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)


@pytest.fixture
def shelves() -> None:
    make_paper(
        title="Diffusion Policies at Sea",
        abstract="Boats learn RAG.",
        authors=["Émilie du Châtelet", "Zoë O'Brien"],
        organization="Northlight Labs",
        categories=["cs.RO", "cs.LG"],
        doi="10.1000/sea",
    )
    make_paper(title="A policy of diffusion", abstract="A rag is cloth.", authors=["Li Wei"])
    make_paper(title="Diffusion policy: a survey", identifier="doi:10.1000/abc", news_at=None)
    make_paper(
        title="How Lovelace Read Diagrams of the Engine",
        abstract="In-context learning.",
        authors=["Ada Lovelace"],
        identifier="arxiv:2404.01234",
    )
    match_papers(NOW)


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


def test_an_acronym_finds_its_long_form_as_papers_taught_and_the_page_says_so(
    client: Client,
) -> None:
    for n in range(3):
        make_paper(title=f"World action models (WAMs), part {n}", first_seen_at=NOW - DAY)
    make_paper(title="A world action model of doors", first_seen_at=NOW - DAY)
    match_papers(NOW)
    assert "A world action model of doors" in titles("WAM")
    assert "also finds <em>world action model" in shown(client, "/search?q=WAM")


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
    monkeypatch.setattr("digest.match.search.REACH", reach)
    for n in range(40):
        make_paper(title=f"Robot {n}", news_at=NOW if n % 2 else None)
    match_papers(NOW)
    assert search_papers("robots", NEWEST, 0, 4).count == 20


def test_a_count_is_exact_only_where_no_paper_is_beyond_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("digest.match.search.REACH", 3)
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
    monkeypatch.setattr("digest.match.search.REACH", 2)
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


@pytest.mark.parametrize(
    ("typed", "identifier"),
    [
        ("2404.01234", "arxiv:2404.01234"),
        ("arxiv:2404.01234v2", "arxiv:2404.01234"),
        ("https://arxiv.org/abs/2404.01234v3", "arxiv:2404.01234"),
        ("https:/arxiv.org/pdf/2404.01234.pdf", "arxiv:2404.01234"),
        ("doi:10.1000/ABC", "doi:10.1000/abc"),
        ("10.1000/abc", "doi:10.1000/abc"),
        ("cs/0601001", "arxiv:cs/0601001"),
        ("cs.CL/0601001v1", "arxiv:cs/0601001"),
    ],
)
def test_every_spelling_of_a_papers_name_leads_to_its_page(
    client: Client, shelves: None, typed: str, identifier: str
) -> None:
    make_paper(identifier="arxiv:cs/0601001")
    answer = client.get(f"/paper/{typed}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/paper/{identifier}/")
    assert client.get(answer["Location"]).status_code == 200
    assert client.get(f"/api/v1/papers/{typed}").json()["identifier"] == identifier


@pytest.mark.parametrize(
    ("typed", "elsewhere"),
    [
        ("2404.99999v2", "https://arxiv.org/abs/2404.99999"),
        ("https://doi.org/10.1000/Else", "https://doi.org/10.1000/else"),
    ],
)
def test_a_paper_that_is_not_here_is_said_to_be_elsewhere(
    client: Client, typed: str, elsewhere: str
) -> None:
    page = shown(client, f"/paper/{typed}/", status=404)
    assert "This paper is not here" in page
    assert f'href="{elsewhere}"' in page


def test_a_doi_finds_the_paper_that_is_known_by_another_name(shelves: None) -> None:
    found = find_paper_by_name("https://doi.org/10.1000/sea")
    assert found is not None
    assert found.title == "Diffusion Policies at Sea"


def test_words_are_no_name_of_a_paper() -> None:
    assert names_a_paper("2404.01234")
    assert names_a_paper("https://x.example.org")
    assert not names_a_paper("world model")
    assert not names_a_paper("")


def shown(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def test_the_page_marks_the_found_words_and_can_be_followed(client: Client, shelves: None) -> None:
    page = shown(client, "/search?q=diffusion+policy")
    assert "<mark>Diffusion Policies</mark> at Sea" in page
    assert "1 paper<" in page
    assert 'href="/subscribe/?t=diffusion%20policy"' in page
    assert 'name="q" value="diffusion policy"' in page


def test_the_page_says_what_is_wrong_or_what_to_try(client: Client, shelves: None) -> None:
    assert "only says what to leave out" in shown(client, "/search?q=-power")
    assert "Nothing here says that" in shown(client, "/search?q=quantum+gravity")
    assert "This paper is not here" in shown(client, "/search?q=2404.99999")
    assert "What a search can say" in shown(client, "/search")
    assert "control character" in shown(client, "/search?q=a%07b")
    assert "9999 characters long, and 200 is the most" in shown(client, f"/search?q={'x' * 9999}")


def test_a_number_leads_to_its_paper(client: Client, shelves: None) -> None:
    assert client.get("/search?q=2404.01234")["Location"] == "/paper/arxiv:2404.01234/"


def test_a_long_search_is_paged_and_keeps_its_order(client: Client) -> None:
    for n in range(28):
        make_paper(title=f"Robot {n}")
    match_papers(NOW)
    first = shown(client, "/search?q=robot&sort=trend")
    assert first.count('class="entry"') == 25
    assert 'rel="next" href="?q=robot&sort=trend&page=2"' in first
    assert shown(client, "/search?q=robot&page=2").count('class="entry"') == 3


@pytest.mark.parametrize("page", ["3", "999", "9" * 5_000])
def test_past_the_last_page_stands_the_last_one(client: Client, page: str) -> None:
    for number in range(28):
        make_paper(title=f"A Robot {number}")
    match_papers(NOW)
    found = shown(client, f"/search?q=robot&page={page}")
    assert "Page 2" in found
    assert found.count('class="entry"') == 3
    assert "Nothing here" in shown(client, f"/search?q=a+phrase+of+nobody&page={page}")
    assert "Page 1" in shown(client, "/search?q=robot&page=none")


def test_a_count_that_is_only_estimated_is_said_in_round_numbers() -> None:
    assert round_count(SearchResults([], 1234, is_exact=False)) == 1200
    assert round_count(SearchResults([], 1234, is_exact=True)) == 1234
    assert round_count(SearchResults([], 87, is_exact=False)) == 87


def test_who_searches_too_much_is_asked_to_wait(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "SEARCHES", 1)
    shown(client, "/search?q=robot")
    assert "Too many searches" in shown(client, "/search?q=robot", status=429)
    assert "Type a topic" in shown(client, "/search")


def test_the_queries_of_a_search_do_not_grow_with_the_papers(client: Client) -> None:
    def count() -> int:
        client.get("/search?q=robot")
        with CaptureQueriesContext(connection) as captured:
            client.get("/search?q=robot")
        return len(captured)

    for n in range(3):
        make_paper(title=f"Robot {n}")
    match_papers(NOW)
    few = count()
    for n in range(30):
        make_paper(title=f"Robot, again {n}")
    match_papers(NOW)
    assert count() == few <= 7


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
