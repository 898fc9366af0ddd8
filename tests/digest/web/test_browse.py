"""The reading room shows the papers of a day, a paper, a topic, and says why a day is quiet."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from digest.models import Paper
from tests.digest.web.browsing import make_lively_paper, queries, shown
from tests.factories import NOW, make_match, make_paper, make_source, note_sources_read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)
HERE = "/papers/2026-04-22/"


def test_the_folio_line_opens_the_day(client: Client) -> None:
    source = make_source(kind="arxiv")
    make_paper(source, news_at=NOW - 2 * DAY)
    make_paper(source)
    page = re.sub(r"<[^>]+>", "|", shown(client, HERE))
    assert "No. 3||Wednesday 22 April 2026||1 paper||arXiv||" in page
    make_paper(make_source(title="Lab Notebook"))
    page = shown(client, HERE)  # a phone is told how many others there are, by its style
    assert '>arXiv<span class="in-full">, Lab Notebook</span>' in page
    assert '<span class="in-short"> and 1 more</span>' in page


def test_the_first_page_is_the_newest_day(client: Client) -> None:
    make_paper(title="Yesterday's", news_at=NOW - DAY)
    make_paper(title="Today's", news_at=NOW)
    page = shown(client, "/")
    assert "Today's" in page
    assert "Yesterday's" not in page
    assert "Nothing new" not in page
    assert "/papers/2026-04-21/" in page


def test_when_nothing_is_new_the_first_page_says_why_and_shows_the_last_day(
    client: Client,
) -> None:
    make_paper(title="The last one", news_at=NOW - DAY)
    note_sources_read()
    page = shown(client, "/")
    assert "Nothing new on Wednesday 22 April" in page
    assert "The last one" in page
    with time_machine.travel(NOW + 4 * DAY, tick=False):
        page = shown(client, "/")
    assert "Nothing new since then" in page
    assert "Saturdays and Sundays" in page


def test_before_the_first_papers_people_can_sign_up_already(client: Client) -> None:
    page = shown(client, "/")
    assert "The first papers are on their way" in page
    assert 'action="/subscribe/"' in page


def test_a_quiet_day_gives_its_reason_and_the_way_to_the_last_papers(client: Client) -> None:
    make_paper(news_at=NOW - 5 * DAY)
    note_sources_read(NOW - 9 * DAY)
    page = shown(client, "/papers/2026-04-19/")
    assert "A quiet day" in page
    assert "Saturdays and Sundays" in page
    assert 'href="/papers/2026-04-17/"' in page
    assert "Offprint began to read" in shown(client, "/papers/2026-04-01/")


@pytest.mark.parametrize(
    "address",
    [
        "/papers/2026-04-23/",
        "/papers/2026-02-30/",
        "/papers/0000-00-00/",
        "/paper/arxiv:0000.00000/",
        "/topics/unheard-of/",
        "/nothing/",
    ],
)
def test_what_does_not_exist_is_answered_in_the_houses_style(client: Client, address: str) -> None:
    page = shown(client, address, status=404)
    assert "This page is not in the issue" in page


def test_the_extreme_days_of_the_calendar_are_answered(client: Client) -> None:
    shown(client, "/papers/0001-01-01/")
    shown(client, "/papers/9999-12-31/", status=404)


def test_days_lead_to_their_neighbours_with_papers(client: Client) -> None:
    for days in (-5, 0, 2):
        make_paper(news_at=NOW + days * DAY)
    page = shown(client, HERE)
    assert 'rel="prev" href="/papers/2026-04-17/"' in page
    assert 'rel="next" href="/papers/2026-04-24/"' in page


@pytest.mark.parametrize("address", [HERE, "/", "/topics/diffusion-policy/"])
def test_the_number_of_queries_does_not_grow_with_the_papers(client: Client, address: str) -> None:
    source = make_source(kind="arxiv")

    def add(count: int) -> None:
        for _ in range(count):
            make_match(make_lively_paper(source=source), "diffusion policy")

    add(5)
    few = queries(client, address)
    add(40)
    # One of them asks whether anything changed, two which topics find a tenth of a day.
    assert queries(client, address) == few <= 13


def test_a_week_and_a_month_show_their_days_and_change_into_each_other(client: Client) -> None:
    for day in (0, 0, 1, 9):
        make_paper(news_at=NOW - day * DAY)
    week, month = shown(client, "/papers/2026-W17/"), shown(client, "/papers/2026-04/")
    assert week.count('class="entry"') == 3
    assert month.count('class="entry"') == 4
    text = re.sub(r"<[^>]+>", "|", week)
    assert "Week 17||20 to 26 April 2026||Nos. 8–10||3 papers" in text
    for link in ("2026-04-22", "2026-W17", "2026-04"):
        assert f'href="/papers/{link}/"' in week
        assert f'href="/papers/{link}/"' in month
    assert 'rel="prev" href="/papers/2026-W16/"' in week
    assert "No papers are stored." in shown(client, "/papers/2026-03/")
    assert "No papers are stored." in shown(client, "/papers/2026-W10/")


def test_all_papers_begin_with_the_newest_month(client: Client) -> None:
    assert client.get("/papers/")["Location"] == "/papers/2026-04/"
    make_paper(news_at=NOW - 60 * DAY)
    assert client.get("/papers/")["Location"] == "/papers/2026-02/"


@pytest.mark.parametrize(
    "make", [lambda: None, make_lively_paper, lambda: make_match(make_paper(), "diffusion policy")]
)
def test_pages_hold_no_inline_style_or_script(client: Client, make: Callable[[], Any]) -> None:
    make()
    for paper in Paper.objects.all():
        addresses = ["/", HERE, f"/paper/{paper.identifier}/", "/subscribe/"]
        for page in (client.get(address).content.decode() for address in addresses):
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", page)


def test_a_page_weighs_less_than_a_hundred_kilobytes_with_all_it_loads(client: Client) -> None:
    words = "A sentence of some length, and then one more that says what was found. "
    for n in range(30):
        make_match(make_lively_paper(abstract=f"{n} {words}" * 18), "diffusion policy")
    for address in (HERE, "/topics/diffusion-policy/", "/papers/2026-04/"):
        assert len(client.get(address).content) < 100_000
    packed = client.get(HERE, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    loaded = re.findall(r'(?:href|src)="/static/([^"]+)"', client.get(HERE).content.decode())
    files = [(settings.BASE_DIR / "static" / name).read_bytes() for name in set(loaded)]
    assert len(files) >= 4
    # Styles and scripts are packed on their way too, the font is so already.
    weight = sum(min(len(gzip.compress(file)), len(file)) for file in files)
    assert len(packed.content) + weight < 100_000


@pytest.mark.parametrize(
    ("asked", "shown_day"),
    [
        ("2026-04-22", "2026-04-22"),
        ("2026-04-23", "2026-04"),  # is to come
        ("", "2026-04"),
        ("22.4.2026", "2026-04"),
        ("0000-00-00", "2026-04"),
    ],
)
def test_a_day_is_asked_for_by_a_calendar(client: Client, asked: str, shown_day: str) -> None:
    make_paper()
    assert f'type="date" id="day" name="day" value="{HERE[8:18]}"' in shown(client, HERE)
    answer = client.get("/papers/", {"day": asked})
    assert (answer.status_code, answer["Location"]) == (302, f"/papers/{shown_day}/")


def test_an_entry_leads_to_the_papers_pdf(client: Client) -> None:
    make_paper(identifier="arxiv:2604.01234")
    assert '<a href="https://arxiv.org/pdf/2604.01234" rel="noopener">PDF</a>' in shown(
        client, HERE
    )
