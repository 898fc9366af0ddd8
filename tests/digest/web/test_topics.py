"""A topic's page shows its papers, and the list of topics what they found."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from digest.models import Match
from subscribers.models import Topic
from tests.digest.web.browsing import shown
from tests.factories import NOW, make_match, make_paper, make_reader, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)


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


def test_before_the_first_topic_the_list_says_how_one_comes_there(client: Client) -> None:
    assert "No topic has found a paper yet" in shown(client, "/topics/")


def test_a_topics_volume_is_drawn_and_told_day_by_day(client: Client) -> None:
    for day in (0, 0, 3):
        make_match(make_paper(news_at=NOW - day * DAY), "world model")
    page = shown(client, "/topics/world-model/")
    assert page.count("<rect") == 2
    assert "Papers it found: 3 in 28 days, under one a day. Most on Wednesday 22 April: 2." in page
    assert 'href="/papers/2026-04-19/">Sun 19 Apr</a> <b>1</b>' in page


def test_a_topic_that_finds_nothing_says_what_to_try(client: Client) -> None:
    make_topic("diffusion policy")
    assert "A wider phrase finds more" in shown(client, "/topics/diffusion-policy/")


@pytest.mark.parametrize("query", ["muted topic", "robots -surgical"])
def test_a_topic_that_is_private_answers_as_if_it_were_not_there(
    client: Client, query: str
) -> None:
    topic = Topic.objects.get_or_create_topics([query])[0]
    paper = make_paper(title="A muted topic: robots")
    make_reader(mutes=(query,))
    Match.objects.create(paper=paper, topic=topic, strength=1.0, where="robots", made_at=NOW)
    for address in ("/topics/{}/", "/feeds/topics/{}.atom", "/api/v1/topics/{}"):
        private = client.get(address.format(topic.slug))
        unknown = client.get(address.format("nobody-typed-this"))
        assert private.status_code == unknown.status_code == 404
        assert topic.slug not in private.content.decode()
    assert client.get(f"/api/v1/papers?topic={topic.slug}").json()["papers"] == []
