"""Whoever types topics sees what they would bring, and nothing is written."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisIsGone

from digest.match import match_papers
from digest.suggest import views as module
from digest.suggest.topic_counts import COUNTED_AT_ONCE
from digest.web.concurrency_limit import limit_concurrency
from subscribers.models import MAX_TOPICS
from tests.factories import allow, make_paper

pytestmark = pytest.mark.django_db
LIVE = {"HX-Request": "true"}


def shelve(title: str, copies: int = 1) -> None:
    """Papers of today that stage 3 has read."""
    for _ in range(copies):
        make_paper(title=title, news_at=timezone.now())
    match_papers(timezone.now())


def try_out(client: Client, *topics: str, **fields: Any) -> Any:
    return client.post("/preview/", {"topics": "\n".join(topics)} | fields, headers=LIVE)


def test_each_topic_has_its_papers_a_day_and_a_bad_one_its_sentence(client: Client) -> None:
    shelve("Robot grasping", 3)
    page = unescape(try_out(client, "robot grasping", "-power").content.decode())
    assert "<strong>3</strong> a day" in page
    assert "0 to 3 papers a day" in page
    assert "begin with what to find" in page
    assert "<html" not in page


def test_a_topic_of_too_many_papers_is_offered_narrower_ones_and_one_of_none_wider_ones(
    client: Client,
) -> None:
    shelve("Robot grasping with soft hands", 8)
    shelve("Robot navigation", 10)
    page = unescape(try_out(client, "robot", "robot grasping swans").content.decode())
    assert "Papers use this word in different ways. Do you mean one of these?" in page
    assert 'data-instead-of="robot"' in page
    assert "Nothing in four weeks. Wider:" in page
    assert 'data-with="robot grasping"' in page


@pytest.mark.parametrize(
    ("pressed", "typed"),
    [
        ("1:soft robots", ["grasping", "soft robots"]),
        ("2:soft robots", ["grasping", "robot"]),
        ("-1:soft robots", ["grasping", "robot"]),
        (f"{'9' * 5000}:soft robots", ["grasping", "robot"]),
        ("1:", ["grasping", "robot"]),
    ],
    ids=["the second", "behind the last", "before the first", "of many digits", "nothing"],
)
def test_the_button_instead_puts_one_topic_in_the_place_of_another(
    client: Client, pressed: str, typed: list[str]
) -> None:
    page = client.post("/preview/", {"topics": "grasping\nrobot", "instead": pressed})
    assert page.context["form"].initial["topics"].split("\n") == typed


def test_a_topic_with_a_slip_of_the_pen_is_offered_as_papers_spell_it(client: Client) -> None:
    shelve("Robot grasping", 3)
    page = unescape(try_out(client, "robot graspin", "robot grapsing").content.decode())
    assert "Nothing in four weeks. Did you mean this?" in page
    assert 'data-instead-of="robot grapsing"' in page
    assert 'data-with="robot grasping"' in page


def test_without_javascript_an_offer_takes_its_topics_place(client: Client) -> None:
    fields = {"topics": "robot\nRAG", "instead": "0:robot grasping"}
    page = client.post("/preview/", fields).content.decode()
    assert "robot grasping\nRAG</textarea>" in page
    page = client.post("/preview/", fields | {"instead": "7:robot grasping"}).content.decode()
    assert "robot\nRAG</textarea>" in page


def test_without_javascript_the_whole_form_comes_back_with_the_numbers_in_it(
    client: Client,
) -> None:
    shelve("Robot grasping")
    fields = {"email": "ada@example.org", "topics": "robot grasping", "cadence": "weekly"}
    page = client.post("/preview/", fields).content.decode()
    assert 'value="ada@example.org"' in page
    assert 'value="weekly" selected' in page
    assert "<strong>1</strong> a day" in page
    assert 'src="/preview/mail/?t=robot+grasping&amp;cadence=weekly"' in page


def test_the_digest_is_set_in_the_real_template_and_may_do_nothing(client: Client) -> None:
    shelve("Robot grasping")
    answer = client.get("/preview/mail/?t=robot+grasping&t=-power")
    assert ">Robot grasping</mark>" in answer.content.decode()
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]


def test_the_digest_comes_when_and_as_long_as_the_form_says(client: Client) -> None:
    for n in range(3):
        shelve(f"Robot grasping {n}")
    wishes = "timezone=Asia/Kolkata&send_hour=6&cadence=weekdays&max_papers=2"
    said = client.get(f"/preview/mail/?t=robot+grasping&{wishes}").content.decode()
    assert "06:00" in said
    assert "Kolkata" in said
    assert "2 papers in your topics" in said
    usual = client.get("/preview/mail/?t=robot+grasping&max_papers=900").content.decode()
    assert "3 papers in your topics" in usual


def test_without_a_paper_the_frame_says_so(client: Client) -> None:
    for query in ("?t=robots", "?t=-power", ""):
        answer = client.get(f"/preview/mail/{query}").content
        assert b"Nothing of the last days" in answer
        assert b"<script" not in answer  # the frame it stands in would block them, and say so


def test_whoever_asks_too_often_is_told_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, "PREVIEWS", 1)
    assert try_out(client, "RAG").status_code == 200
    live = try_out(client, "RAG")
    page = client.post("/preview/", {"topics": "RAG"})
    for answer in (live, page, client.get("/preview/mail/?t=RAG")):
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 3600
        assert b"Too many previews" in answer.content
    assert b"<script" not in client.get("/preview/mail/?t=RAG").content
    assert b"<html" not in live.content


def test_while_others_are_set_a_reader_is_told_so_and_what_is_kept_is_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelve("Robot grasping")
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    client.get("/preview/mail/?t=grasping")
    with limit_concurrency():
        busy = client.get("/preview/mail/?t=robot+%2B+grasping")
        assert (busy.status_code, busy["Retry-After"]) == (429, "3")
        assert b"/preview/mail/?t=robot+%2B+grasping" in busy.content
        assert b"<script" not in busy.content
        assert b"Robot grasping" in client.get("/preview/mail/?t=grasping").content
        assert b"data-waiting" in try_out(client, "soft robots").content


def test_topics_for_what_was_pasted_are_worked_out_for_one_at_a_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    pasted = {"pasted": "We train a diffusion policy for robots."}
    with limit_concurrency():
        busy = client.post("/interests/", pasted)
        assert (busy.status_code, busy["Retry-After"]) == (503, "3")
        assert b"one after another. Press the button again" in busy.content
        assert pasted["pasted"].encode() in busy.content
    assert client.post("/interests/", pasted).status_code in (200, 422)


def test_many_topics_are_counted_a_few_at_a_time(client: Client) -> None:
    topics = [f"topic number{n}" for n in range(COUNTED_AT_ONCE + 2)]
    assert try_out(client, *topics).content.count(b"data-waiting") == 2
    assert try_out(client, *topics).content.count(b"data-waiting") == 0
    fields = {"topics": "\n".join(f"other number{n}" for n in range(COUNTED_AT_ONCE + 1))}
    assert b"Press Preview again" in client.post("/preview/", fields).content


def test_more_topics_than_there_can_be_are_answered_at_once_and_none_is_lost(
    client: Client,
) -> None:
    topics = "\n".join(f"topic number{n}" for n in range(MAX_TOPICS + 3))
    for headers in ({}, LIVE):
        page = client.post("/preview/", {"topics": topics}, headers=headers).content.decode()
        assert "These are 53 topics. 50 is the most" in page
        assert page.count("data-topic=") == MAX_TOPICS
    assert topics in client.post("/preview/", {"topics": topics}).content.decode()


def test_a_reader_who_changes_topics_sees_what_they_bring_beside_the_form(client: Client) -> None:
    shelve("Robot grasping")
    page = client.post("/preview/", {"followed": "robot grasping"}).content.decode()
    assert "Nothing is saved yet" in page
    assert "<strong>1</strong> a day" in page
    assert "<form" not in page.partition("<main")[2]


def test_without_its_cache_the_preview_only_takes_longer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise RedisIsGone

    shelve("Robot grasping")
    for name in ("get", "set", "add", "get_or_set"):
        monkeypatch.setattr(cache, name, gone)
    assert b"<strong>1</strong> a day" in try_out(client, "robot grasping").content
    assert b"</mark>" in client.get("/preview/mail/?t=robot+grasping").content
