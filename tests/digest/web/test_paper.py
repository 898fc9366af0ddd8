"""A paper's page shows what is known of it, and says when there is none."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from digest.models import Entry
from tests.digest.web.browsing import make_lively_paper, queries, shown
from tests.factories import NOW, make_match, make_paper, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
HERE = "/papers/2026-04-22/"


def test_a_papers_queries_do_not_grow_with_its_topics_and_entries(client: Client) -> None:
    paper = make_lively_paper()
    address = reverse("digest:paper", args=[paper.identifier])

    def add(count: int, name: str) -> None:
        for n in range(count):
            make_match(paper, f"{name} {n}")
            Entry.objects.create(
                source=make_source(), paper=paper, guid=f"{n}", published_at=NOW, seen_at=NOW
            )

    add(1, "first")
    shown(client, address)  # asks what a process asks once
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
