"""The reading room shows the papers of a day, a paper, a topic, and says why a day is quiet."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from digest.models import Entry, Paper, Snapshot
from subscribers.models import Topic
from tests.factories import NOW, make_match, make_paper, make_reader, make_source, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)
HERE = "/papers/2026-04-22/"


def shown(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def make_lively_paper(**fields: Any) -> Paper:
    parts = {"votes": 63, "votes_since_yesterday": 41, "comments": 4, "sources": 2, "days": 1}
    defaults = {
        "title": "A World Model for Slow Cameras",
        "abstract": "We keep 0<x<1 & learn when to stop. It works.",
        "authors": ["Ada Adler", "Ben Berg", "Cleo Cruz", "Dan Dahl", "Eva Ek"],
        "organization": "Northlight Labs",
        "categories": ["cs.CV", "cs.LG"],
        "code_url": "https://code.example.org/slow",
        "code_stars": 1234,
        "trend": 3.14,
        "trend_parts": parts | {"trend": 3.14, "parts": {"votes": 2.0, "stars": 0.0}},
    }
    paper = make_paper(**(defaults | fields))
    for hour in range(3):
        Snapshot.objects.create(
            paper=paper, taken_at=NOW - timedelta(hours=3 - hour), upvotes=20 * hour, comments=hour
        )
    return paper


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


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        shown(client, address)
    return len(captured)


@pytest.mark.parametrize("address", [HERE, "/", "/topics/diffusion-policy/"])
def test_the_number_of_queries_does_not_grow_with_the_papers(client: Client, address: str) -> None:
    source = make_source(kind="arxiv")

    def add(count: int) -> None:
        for _ in range(count):
            make_match(make_lively_paper(source=source), "diffusion policy")

    add(5)
    few = queries(client, address)
    add(40)
    assert queries(client, address) == few <= 10


def test_a_papers_queries_do_not_grow_with_its_topics_and_entries(client: Client) -> None:
    paper = make_lively_paper()
    address = reverse("digest:paper", args=[paper.identifier])

    def add(count: int, name: str) -> None:
        for n in range(count):
            make_match(paper, f"{name} {n}")
            Entry.objects.create(
                source=make_source(), paper=paper, guid=f"{n}", published_at=NOW, seen_at=NOW
            )

    add(2, "few")
    few = queries(client, address)
    add(20, "many")
    assert queries(client, address) == few


@pytest.mark.parametrize(
    "identifier",
    [
        "arxiv:hep-ex/0307015",
        "doi:10.1000/a(b)c;d",
        "url:https://lab.example.org/a?b=c&d=é#e",
        "url:https://lab.example.org/100%25",
    ],
)
def test_every_kind_of_identifier_has_a_page(client: Client, identifier: str) -> None:
    make_paper(identifier=identifier, title="Found again")
    address = re.search(r'<h2><a href="([^"]+)"', shown(client, HERE))
    assert address is not None
    assert "Found again" in shown(client, address[1])


def test_a_paper_shows_what_we_know_with_the_trends_parts_and_a_chart(client: Client) -> None:
    paper = make_lively_paper(summary="A camera that waits.")
    make_match(paper, "world model", where="World Model · Slow Cameras")
    page = shown(client, f"/paper/{paper.identifier}/")
    for said in [
        "Ada Adler, Ben Berg, Cleo Cruz, Dan Dahl, Eva Ek",
        "A camera that waits.",
        "We keep 0<x<1 & learn when to stop. It works.",
        "+41 votes since yesterday",
        "Votes over time: 0 on 22 April, 40 on 22 April",
        'href="/topics/world-model/"',
        f'href="{paper.url}"',
        "https://arxiv.org/pdf/",
    ]:
        assert said in page


def test_a_bare_paper_has_a_page_too(client: Client) -> None:
    paper = make_paper(identifier="url:https://x.example.org", url="", news_at=None)
    page = shown(client, f"/paper/{paper.identifier}/")
    assert paper.title in page
    assert "<polyline" not in page
    assert "Read the paper" not in page


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


def test_a_topic_shows_its_papers_newest_first_with_the_found_words_marked(client: Client) -> None:
    old = make_paper(title="Diffusion Policies at Sea", news_at=NOW - 3 * DAY)
    new = make_paper(title="A diffusion policy on land", news_at=NOW)
    gone = make_paper(title="Long ago", news_at=NOW - 40 * DAY)
    make_match(old, "diffusion policy", where="Diffusion Policies")
    make_match(new, "diffusion policy", where="diffusion policy")
    make_match(gone, "diffusion policy")
    page = shown(client, "/topics/diffusion-policy/")
    assert "<mark>Diffusion Policies</mark> at Sea" in page
    assert page.index("on land") < page.index("at Sea")
    assert "Long ago" not in page
    assert "2 papers in 28 days" in re.sub(r"<[^>]+>", "", page)
    assert re.search(r"<textarea[^>]*>\s*diffusion policy</textarea>", page)


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


def test_topics_are_listed_by_what_they_found_lately(client: Client) -> None:
    for _ in range(3):
        make_match(make_paper(), "world model")
        make_match(make_paper(news_at=NOW - 40 * DAY), "robots")
    make_match(make_paper(), "diffusion")
    make_topic("unheard of")
    page = shown(client, "/topics/")
    assert page.index("/topics/world-model/") < page.index("/topics/diffusion/")
    assert "robots" not in page
    assert "unheard" not in page
    assert 'class="number">3<' in page


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


def test_before_the_first_topic_the_list_says_how_one_comes_there(client: Client) -> None:
    assert "No topic has found a paper yet" in shown(client, "/topics/")


def test_a_topics_volume_is_drawn_and_told_day_by_day(client: Client) -> None:
    for day in (0, 0, 3):
        make_match(make_paper(news_at=NOW - day * DAY), "world model")
    page = shown(client, "/topics/world-model/")
    assert page.count("<rect") == 2
    assert "Papers it found: 3 in 28 days, under one a day. Most on Wednesday 22 April: 2." in page
    assert 'href="/papers/2026-04-19/">Sun 19 Apr</a> <b>1</b>' in page


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
    assert "A quiet month" in shown(client, "/papers/2026-03/")
    assert "A quiet week" in shown(client, "/papers/2026-W10/")


def test_all_papers_begin_with_the_newest_month(client: Client) -> None:
    assert client.get("/papers/")["Location"] == "/papers/2026-04/"
    make_paper(news_at=NOW - 60 * DAY)
    assert client.get("/papers/")["Location"] == "/papers/2026-02/"


def test_papers_come_by_trend_or_the_newest_first(client: Client) -> None:
    make_paper(title="Loud", trend=9.0, news_at=NOW - timedelta(hours=3))
    make_paper(title="Fresh", trend=1.0, news_at=NOW)
    by_trend, by_news = shown(client, HERE), shown(client, f"{HERE}?sort=newest")
    assert by_trend.index("Loud") < by_trend.index("Fresh", by_trend.index("<main"))
    assert by_news.index("Fresh") < by_news.index("Loud", by_news.index("<main"))
    assert shown(client, f"{HERE}?sort=nonsense").count('aria-current="true">Trending') == 1


def test_a_paper_says_how_its_trend_came_about_where_it_was_seen_and_how_to_cite_it(
    client: Client,
) -> None:
    parts = {
        "trend": 1.6,
        "parts": {"votes": 2.0, "velocity": 0.4, "stars": 0.0},
        "medians": {"votes": 12.0, "velocity": 3.0},
        "decay": 0.67,
        "votes": 63,
        "votes_since_yesterday": 41,
    }
    source = make_source(kind="huggingface", title="Hugging Face")
    paper = make_lively_paper(source=source, identifier="arxiv:2604.12345", trend_parts=parts)
    Entry.objects.create(
        source=make_source(title="A lab"),
        paper=paper,
        guid="https://lab.example.org/post",
        published_at=NOW,
        seen_at=NOW,
    )
    page = shown(client, f"/paper/{paper.identifier}/")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "votes 63 12 2.00" in text
    assert "votes since yesterday 41 – 0.40" in text
    assert "Together 2.40, of which 67 % are left: it halves every 48 hours" in text
    assert 'href="https://huggingface.co/papers/2604.12345" rel="noopener">Hugging Face' in page
    assert 'href="https://lab.example.org/post" rel="noopener">A lab' in page
    assert "@misc{adler2026world" in page
    elsewhere = make_paper(source, identifier="doi:10.1000/x")
    assert "<li>Hugging Face, " in shown(client, f"/paper/{elsewhere.identifier}/")
    assert "22 Apr, 09:00 0 22 Apr, 10:00 20" in text


def test_a_made_up_mention_leads_nowhere(client: Client) -> None:
    for kind in ("huggingface", "feed"):
        source = make_source(kind=kind, url=f"https://sample.offprint.invalid/{kind}", title=kind)
        paper = make_paper(source, identifier=f"arxiv:2604.1111{len(kind)}")
        page = shown(client, f"/paper/{paper.identifier}/")
        assert f"<li>{kind}, " in page


def test_a_topic_that_finds_nothing_says_what_to_try(client: Client) -> None:
    make_topic("diffusion policy")
    assert "A wider phrase finds more" in shown(client, "/topics/diffusion-policy/")


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
