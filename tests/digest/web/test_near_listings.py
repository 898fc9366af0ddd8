"""A paper's page shows papers like it, and a search has a second list of what is close to it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from time_machine import TimeMachineFixture

from digest.match import match_papers, nearest
from digest.models import Paper
from digest.web.page_store import answer_store
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db
RIVERS = "Sediment settles where rivers meet tidal basins; deltas grow by floods."


@pytest.fixture(autouse=True)
def _fill(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW)
    for n in range(4):
        make_paper(title=f"River deltas {n}", abstract=RIVERS, authors=[f"Ada Author{n}"])
    for n in range(30):
        make_paper(title=f"Hats {n}", abstract="Felt is worn by whoever likes brims.")


def read_close(client: Client, address: str, heading: str) -> str:
    return client.get(address).content.decode().partition(heading)[2].partition("</section>")[0]


def test_a_papers_page_shows_papers_like_it(client: Client) -> None:
    own = make_paper(title="Floods of basins", abstract=RIVERS, authors=["Bea Writer"])
    match_papers(NOW)
    shown = read_close(client, f"/paper/{own.identifier}/", "Papers like this")
    assert shown.count("<li>") == 4
    assert "River deltas 0" in shown
    reason = shown.partition('<span class="row-note">')[2].partition("</span>")[0]
    assert len(reason.split(", ")) == 3
    assert all(word in RIVERS.casefold() for word in reason.casefold().split(", "))
    assert "Hats" not in shown
    assert "perhaps the same work" not in shown
    hat = Paper.objects.get(title="Hats 3")
    assert "River" not in read_close(client, f"/paper/{hat.identifier}/", "Papers like this")


def test_a_paper_that_may_be_the_same_work_is_called_so(client: Client) -> None:
    own = make_paper(title="Sediment of deltas", abstract=RIVERS, authors=["A. Author1"])
    match_papers(NOW)
    shown = read_close(client, f"/paper/{own.identifier}/", "Papers like this")
    assert shown.count("perhaps the same work") == 1
    before = shown.partition("perhaps the same work")[0]
    assert before.rpartition("<li>")[2].count("River deltas 1") == 1


def test_a_search_lists_what_is_close_to_it_behind_what_says_it(client: Client) -> None:
    make_paper(title="Floods and sediment", abstract="Tidal basins, floods and sediment of coasts.")
    match_papers(NOW)
    shown = read_close(client, "/search/?q=river+deltas", "Close to it")
    assert "Floods and sediment" in shown
    assert "River deltas" not in shown
    assert "like those that do" in shown
    assert "Hats" not in shown
    for exact in ('"river deltas"', "title:deltas", "deltas -hats"):
        assert "Close to it" not in client.get("/search/", {"q": exact}).content.decode()


def test_a_search_that_finds_nothing_shows_what_nearly_says_it(client: Client) -> None:
    match_papers(NOW)
    page = client.get("/search/?q=tidal+sediment").content.decode()
    assert "Nothing here says that." in page
    shown = page.partition("Close to it")[2]
    assert "but nearly" in shown
    assert "River deltas 0" in shown


def test_the_second_list_costs_a_few_queries_whatever_it_holds(
    client: Client, django_assert_max_num_queries: object
) -> None:
    match_papers(NOW)
    client.get("/search/?q=river+deltas")
    with django_assert_max_num_queries(24):  # type: ignore[operator]
        client.get("/search/?q=river+deltas")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="It is asked for no single word.")
def test_words_are_looked_up_alike_by_the_index_and_in_memory(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_paper(title="Floods and sediment", abstract="Tidal basins, floods and sediment of coasts.")
    match_papers(NOW)
    shown = []
    for is_fast in (True, False):
        monkeypatch.setattr(nearest, "finds_frequent_words_fast", lambda is_fast=is_fast: is_fast)
        answer_store.forget_all()
        shown.append(read_close(client, "/search/?q=river+deltas", "Close to it"))
    assert "Floods and sediment" in shown[0]
    assert shown[0] == shown[1]


def test_a_rare_word_tells_what_is_close_however_old_it_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where frequent words are slow they are looked for in papers with rare ones alone."""
    monkeypatch.setattr(nearest, "finds_frequent_words_fast", lambda: False)
    for name in ("_SCANNED", "_READ"):
        monkeypatch.setattr(nearest, name, 3)
    make_paper(title="Floods and sediment", abstract="Tidal basins, floods and sediment of coasts.")
    for n in range(9):
        make_paper(title=f"Gloves {n}", abstract="Felt is worn by whoever likes floods.")
    match_papers(NOW)
    assert "Floods and sediment" in read_close(client, "/search/?q=river+deltas", "Close to it")
    monkeypatch.setattr(nearest, "_OF_A_WORD", 0)  # then all words are frequent
    answer_store.forget_all()
    shown = read_close(client, "/search/?q=river+deltas", "Close to it")
    assert "Floods and sediment" not in shown
