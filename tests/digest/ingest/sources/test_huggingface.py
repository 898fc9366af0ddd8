from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digest.ingest.sources.huggingface import list_days_to_poll, make_day_url, parse_document
from digest.ingest.sources.parsed import Unreadable
from tests.digest.ingest.sources.wire import hf_list, hf_row
from tests.factories import NOW

DAY = date(2026, 4, 22)


def test_a_row_becomes_an_entry() -> None:
    row = hf_row(
        "2604.00001",
        title=r"Fr\'echet distances for $0<x<1$",
        organization={"name": "lab", "fullname": "The Lab"},
        githubRepo="https://github.com/lab/code",
        githubStars=12,
        ai_summary="It measures.",
        numComments=5,
    )
    (entry,) = parse_document(hf_list(row), DAY).entries
    assert entry.guid == "2604.00001"
    assert entry.identifier == "arxiv:2604.00001"
    assert entry.url == "https://arxiv.org/abs/2604.00001"
    assert entry.title == "Fréchet distances for 0<x<1"
    assert entry.abstract == "We study 0<x<1."
    assert entry.authors == ("Ana Diaz", "Bo Chen")
    assert entry.organization == "The Lab"
    assert (entry.code_url, entry.code_stars) == ("https://github.com/lab/code", 12)
    assert entry.summary == "It measures."
    assert (entry.upvotes, entry.comments) == (7, 3)


def test_of_its_three_dates_the_lists_day_and_arxivs_own_are_used() -> None:
    (entry,) = parse_document(hf_list(hf_row()), DAY).entries
    assert entry.listed_at == datetime(2026, 4, 22, tzinfo=UTC)
    assert entry.published_at == datetime(2026, 4, 20, tzinfo=UTC)
    (entry,) = parse_document(
        hf_list(hf_row(submittedOnDailyAt=None, publishedAt="soon")), DAY
    ).entries
    assert entry.listed_at == datetime(2026, 4, 22, tzinfo=UTC)
    assert entry.published_at is None


@pytest.mark.parametrize(("counted", "comments"), [(2, 0), (3, 1), (0, 0), (None, None)])
def test_the_two_comments_that_every_paper_has_are_not_counted(
    counted: int | None, comments: int | None
) -> None:
    (entry,) = parse_document(hf_list(hf_row(numComments=counted)), DAY).entries
    assert entry.comments == comments


def test_hidden_authors_are_not_shown() -> None:
    authors = [{"name": "Ana"}, {"name": "Bo", "hidden": True}, {"name": None}, "Cy", None]
    (entry,) = parse_document(hf_list(hf_row(authors=authors)), DAY).entries
    assert entry.authors == ("Ana",)


@pytest.mark.parametrize(
    "row",
    [
        None,
        "text",
        7,
        [],
        {},
        {"paper": None},
        {"paper": []},
        {"paper": {"title": "No number"}},
        {"paper": {"id": None, "title": "Null number"}},
        {"paper": {"id": 2604.1, "title": "Number of the wrong type"}},
        {"paper": {"id": "2604.00009"}},
        {"paper": {"id": "2604.00009", "title": None}},
        {"paper": {"id": "2604.00009", "title": ["a"]}},
        {"paper": {"id": "2604.00009", "title": " \u200b "}},
    ],
)
def test_a_row_that_names_no_paper_is_left_out_alone(row: Any) -> None:
    document = parse_document(hf_list(hf_row("2604.00001"), row, hf_row("2604.00002")), DAY)
    assert [entry.guid for entry in document.entries] == ["2604.00001", "2604.00002"]
    assert document.skipped == 1
    assert document.problem == "1 of 3 papers had no readable number or title, so left out."
    assert document.is_whole


@pytest.mark.parametrize(
    "field",
    ["summary", "authors", "publishedAt", "upvotes", "organization", "githubRepo", "githubStars"],
)
@pytest.mark.parametrize("value", [None, 3.5, "?", [1], {"a": 1}, True, -4])
def test_a_mistyped_detail_does_not_cost_the_paper(field: str, value: Any) -> None:
    (entry,) = parse_document(hf_list(hf_row(**{field: value})), DAY).entries
    assert entry.title
    assert entry.upvotes is None or entry.upvotes >= 0
    assert entry.code_url == ""


def test_counts_too_large_for_the_database_are_capped() -> None:
    (entry,) = parse_document(hf_list(hf_row(upvotes=10**30)), DAY).entries
    assert entry.upvotes == 2**31 - 1


def test_a_number_that_is_not_arxivs_leads_to_the_page_itself() -> None:
    (entry,) = parse_document(hf_list(hf_row("our paper/1")), DAY).entries
    assert entry.url == "https://huggingface.co/papers/our%20paper/1"
    assert entry.identifier == "url:https://huggingface.co/papers/our%20paper/1"


def test_a_paper_listed_twice_comes_once() -> None:
    assert (
        len(parse_document(hf_list(hf_row("2604.00001"), hf_row("2604.00001")), DAY).entries) == 1
    )


def test_an_empty_list_is_no_error() -> None:
    document = parse_document(b"[]", DAY)
    assert (document.entries, document.problem, document.listed_on) == ((), "", DAY)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<!doctype html><html>", "web page"),
        (b'{"error":"Invalid date"}', "error: Invalid date"),
        (b'{"papers":[]}', "not a list"),
        (b'"text"', "not a list"),
        (b"\x93\x00garbage", "not the JSON list"),
        (b"[garbage", "not the JSON list"),
        (b"[" * 100_000, "not the JSON list"),
    ],
)
def test_what_is_no_list_gets_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        parse_document(body, DAY)


def test_of_a_list_cut_short_the_whole_rows_are_kept() -> None:
    body = json.dumps([hf_row("2604.00001"), hf_row("2604.00002"), hf_row("2604.00003")], indent=1)
    document = parse_document(body.encode()[: body.index("2604.00003") + 30], DAY)
    assert [entry.guid for entry in document.entries] == ["2604.00001", "2604.00002"]
    assert not document.is_whole
    assert document.problem == "The list was cut short; its first 2 papers were whole."


def test_today_and_two_days_before_are_asked_for_at_every_poll() -> None:
    asked = {NOW.date() - timedelta(days=back): NOW for back in range(15)}
    days = list_days_to_poll(asked, NOW + timedelta(hours=1))
    assert days == [date(2026, 4, 22), date(2026, 4, 21), date(2026, 4, 20)]


def test_the_fortnight_before_is_asked_for_once_a_day() -> None:
    days = list_days_to_poll({}, NOW)
    assert len(days) == 15
    assert (days[0], days[-1]) == (date(2026, 4, 22), date(2026, 4, 8))
    asked = dict.fromkeys(days, NOW)
    assert len(list_days_to_poll(asked, NOW + timedelta(hours=11))) == 3
    assert len(list_days_to_poll(asked, NOW + timedelta(hours=24))) == 15


def test_a_clock_set_back_leaves_no_day_unasked() -> None:
    asked = {NOW.date() - timedelta(days=back): NOW + timedelta(days=200) for back in range(15)}
    assert len(list_days_to_poll(asked, NOW)) == 15


def test_no_day_in_the_future_is_asked_for_whatever_the_zone() -> None:
    eastern = datetime.fromisoformat("2026-04-22T22:00:00-04:00")  # the 23rd in UTC
    assert max(list_days_to_poll({}, eastern)) == date(2026, 4, 23)
    tokyo = datetime.fromisoformat("2026-04-23T08:00:00+09:00")  # still the 22nd
    assert max(list_days_to_poll({}, tokyo)) == date(2026, 4, 22)


def test_a_days_address_keeps_what_the_source_asks_for() -> None:
    url = "https://huggingface.co/api/daily_papers?limit=50&sort=trending"
    assert make_day_url(url, DAY) == f"{url}&date=2026-04-22"
    assert make_day_url("https://huggingface.co/api/daily_papers", DAY).endswith(
        "?limit=100&date=2026-04-22"
    )
