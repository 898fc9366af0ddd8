"""The search page marks what was found, can be followed, and leads to a paper by its name."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest.match import match_papers
from digest.match.search import SearchResults
from digest.match.word_index import finds_frequent_words_fast
from digest.web.search import round_count
from tests.digest.match.searching import titles
from tests.factories import NOW, allow, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)


def test_an_acronym_finds_its_long_form_as_papers_taught_and_the_page_says_so(
    client: Client,
) -> None:
    for n in range(3):
        make_paper(title=f"World action models (WAMs), part {n}", first_seen_at=NOW - DAY)
    make_paper(title="A world action model of doors", first_seen_at=NOW - DAY)
    match_papers(NOW)
    assert "A world action model of doors" in titles("WAM")
    assert "also finds <em>world action model" in shown(client, "/search?q=WAM")


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
    assert "Too many searches" in shown(client, "/search?q=robots", status=429)
    shown(client, "/search?q=robot")  # which was kept, and costs nothing
    assert "Type a topic" in shown(client, "/search")


def test_the_queries_of_a_search_do_not_grow_with_the_papers(client: Client) -> None:
    def count() -> int:
        client.get("/search?q=robots")
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
    # One reads what is close to it and may say it, beyond the page: with three there is none.
    # SQLite is asked for each word by itself: for what was typed, and for a dozen beside it;
    # PostgreSQL for all the rare ones of that dozen in one statement.
    assert count() == few + 1 <= (16 if finds_frequent_words_fast() else 14)
