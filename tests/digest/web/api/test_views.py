"""The API answers what its document says, leads on page by page, and refuses in sentences."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from digest.match import match_papers
from digest.models import Merger, Paper
from tests.digest.web.api.asking import GOOD, SPEC, asked, fits
from tests.factories import NOW, make_match, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)


@pytest.mark.parametrize(("address", "name"), GOOD)
def test_every_answer_has_the_shape_that_the_document_says(
    client: Client, shelves: Paper, address: str, name: str
) -> None:
    fits(asked(client, address), name)


def test_the_document_is_valid_and_names_every_address() -> None:
    for schema in SPEC["components"]["schemas"].values():
        validator_for(schema, Draft202012Validator).check_schema(schema)
    paths = {path.split("{")[0] for path in SPEC["paths"]}
    for address, _ in GOOD:
        assert any(address.startswith(path) for path in paths)
    for path in SPEC["paths"].values():
        for parameter in path["get"].get("parameters", []):
            assert parameter["description"].endswith((".", "…"))


def test_the_document_comes_with_this_sites_address(client: Client) -> None:
    document = asked(client, "/api/v1/openapi.json")
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "http://localhost:8000"}]


def test_the_page_for_people_tells_the_same(client: Client) -> None:
    page = client.get("/api/").content.decode()
    for path in SPEC["paths"]:
        assert f"<code>{path}</code>" in page


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("", ["arxiv:2604.12345", "An old world model"]),
        ("in=2026-04-22", ["arxiv:2604.12345"]),
        ("in=2026-W17", ["arxiv:2604.12345"]),
        ("in=2026-04", ["arxiv:2604.12345", "An old world model"]),
        ("since=2026-04-22T12:00:00Z", ["arxiv:2604.12345"]),
        ("until=2026-04-22", ["An old world model"]),
        ("topic=world-model", ["arxiv:2604.12345"]),
        ("topic=nobodys", []),
        ("category=cs.LG", ["arxiv:2604.12345"]),
        ("category=cs.CV", ["arxiv:2604.12345"]),
        ("category=%22", []),
    ],
)
def test_every_filter_narrows(
    client: Client, shelves: Paper, filters: str, found: list[str]
) -> None:
    papers = asked(client, f"/api/v1/papers?{filters}")["papers"]
    shown = {paper["identifier"]: paper["title"] for paper in papers}
    assert [name for name in found if name in shown or name in shown.values()] == found
    assert len(shown) == len(found)


def test_a_paper_known_by_two_names_answers_to_both(client: Client, shelves: Paper) -> None:
    twin = make_paper(identifier="doi:10.1000/slow")
    Merger.objects.create(paper=twin, into=shelves, merged_at=NOW)
    assert asked(client, "/api/v1/papers/doi:10.1000/slow")["identifier"] == shelves.identifier


def test_days_go_back_to_the_first_and_know_their_neighbours(
    client: Client, shelves: Paper
) -> None:
    days = asked(client, "/api/v1/days")
    assert [day["papers"] for day in days["days"]] == [1, 0, 0, 1]
    assert days["next"] is None
    day = asked(client, "/api/v1/days/2026-04-22")
    assert (day["number"], day["previous"], day["following"]) == ("No. 4", "2026-04-19", None)
    assert day["sources"] == ["Hugging Face"]


def test_papers_and_what_a_search_finds_are_sorted_by_trend_where_that_is_asked(
    client: Client,
) -> None:
    for name, trend, days in (("old", 3.0, 5), ("new", 1.0, 0), ("quiet", 0.0, 1)):
        make_paper(title=f"Robot, {name}", trend=trend, news_at=NOW - days * DAY)
    match_papers(NOW)
    for address in ("/api/v1/papers?", "/api/v1/search?q=robot&"):
        by_trend = [one["title"] for one in asked(client, f"{address}sort=trend")["papers"]]
        assert by_trend == ["Robot, old", "Robot, new", "Robot, quiet"]
        newest = [one["title"] for one in asked(client, address.rstrip("?&"))["papers"]]
        assert newest == ["Robot, new", "Robot, quiet", "Robot, old"]


def test_without_papers_there_are_no_days(client: Client) -> None:
    assert asked(client, "/api/v1/days") == {"days": [], "next": None}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/v1/papers", "papers"),
        ("/api/v1/papers?sort=trend", "papers"),
        ("/api/v1/search?q=robot&sort=trend", "papers"),
        ("/api/v1/days", "days"),
        ("/api/v1/topics", "topics"),
    ],
)
def test_following_next_shows_everything_once(client: Client, address: str, name: str) -> None:
    for n in range(5):
        make_paper(title=f"Robot {n}", trend=n // 2, news_at=NOW - (n // 2) * 2 * DAY)
    match_papers(NOW)
    for n, paper in enumerate(Paper.objects.all()):
        make_match(paper, f"topic {n}")
    whole = asked(client, address)[name]
    assert len(whole) == 5
    page, found = f"{address}{'&' if '?' in address else '?'}limit=2", []
    while page:
        answer = client.get(page)
        body = answer.json()
        found += body[name]
        page = body["next"]
        assert answer.get("Link") == (f'<{page}>; rel="next"' if page else None)
    assert found == whole
