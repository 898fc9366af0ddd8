"""An entry of a list says what a scanning reader needs, a page at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from subscribers.models import Topic
from tests.digest.web.browsing import make_lively_paper, shown
from tests.factories import NOW, make_match, make_paper, make_reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
HERE = "/papers/2026-04-22/"


def test_an_entry_says_all_that_a_scanning_reader_needs(client: Client) -> None:
    paper = make_lively_paper()
    page = shown(client, HERE)
    for said in [
        f'href="{reverse("digest:paper", args=[paper.identifier])}"',
        "A World Model for Slow Cameras",
        "Ada Adler, Ben Berg, Cleo Cruz</span>",
        "<summary>and 2 more</summary> Dan Dahl, Eva Ek",
        "Northlight Labs",
        "We keep 0<x<1 & learn when to stop.",
        "cs.CV",
        "63 votes",
        "4 comments",
        "1.2k ★",
        "3.1",
        "<polyline",
    ]:
        assert said in page


def test_a_long_day_is_paged_and_the_numerals_go_on(client: Client) -> None:
    for n in range(28):
        make_paper(trend=1000 - n)
    first, second = shown(client, HERE), shown(client, f"{HERE}?sort=newest&page=2")
    assert first.count('class="entry"') == 25
    assert second.count('class="entry"') == 3
    assert 'class="entry" value="26"' in second
    assert 'href="?page=2"' in first
    assert 'rel="prev" href="?sort=newest&page=1"' in second
    assert shown(client, f"{HERE}?page=nonsense").count('class="entry"') == 25


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example"])
def test_no_link_leads_anywhere_but_the_web(client: Client, address: str) -> None:
    paper = make_paper(url=address, code_url=address)
    assert address not in shown(client, f"/paper/{paper.identifier}/")
    assert address not in shown(client, HERE)


def test_what_a_source_says_is_shown_as_text(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    paper = make_paper(title=evil, abstract=evil, authors=[evil], organization=evil, summary=evil)
    make_match(paper, "script", where=evil)
    for address in (HERE, f"/paper/{paper.identifier}/", "/topics/script/"):
        assert b"<script>alert" not in client.get(address).content


def test_an_entry_names_the_topics_that_find_it_but_not_the_one_whose_page_it_is(
    client: Client,
) -> None:
    paper = make_lively_paper()
    for n in range(5):
        make_match(paper, f"topic {n}", strength=9 - n)
    page = shown(client, HERE)
    assert [f"topic-{n}" in page for n in range(5)] == [True] * 4 + [False]
    assert "1 more<span" in page
    own = shown(client, "/topics/topic-0/")
    entry = own[own.index('class="entry"') : own.index("</ol>", own.index('class="entry"'))]
    assert "topic-0" not in entry
    assert "topic-4" in entry


@pytest.mark.parametrize("address", [HERE, "/topics/", "/api/v1/topics", "/sitemaps/pages.xml"])
def test_what_readers_mute_or_leave_out_is_named_nowhere(client: Client, address: str) -> None:
    paper = make_lively_paper()
    Topic.objects.get_or_create_topics(['world -"project nightjar"'])
    make_reader("world model", "camera", 'world -"project nightjar"', mutes=("slow cameras",))
    make_reader(mutes=("camera",))
    for query in ("world model", "camera", 'world -"project nightjar"', "slow cameras"):
        make_match(paper, query, where="World Model")
    page = client.get(address).content.decode().lower()
    for named in ("topics/world-model", "topics/camera"):
        assert named in page or named.replace("topics/", '"slug": "') in page
    assert not any(
        secret in page for secret in ("nightjar", "topics/slow-cameras", '"slow-cameras')
    )


def test_papers_come_by_trend_or_the_newest_first(client: Client) -> None:
    make_paper(title="Loud", trend=9.0, news_at=NOW - timedelta(hours=3))
    make_paper(title="Fresh", trend=1.0, news_at=NOW)
    by_trend, by_news = shown(client, HERE), shown(client, f"{HERE}?sort=newest")
    assert by_trend.index("Loud") < by_trend.index("Fresh", by_trend.index("<main"))
    assert by_news.index("Fresh") < by_news.index("Loud", by_news.index("<main"))
    assert shown(client, f"{HERE}?sort=nonsense").count('aria-current="true">Trending') == 1
