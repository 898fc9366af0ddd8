"""The API answers what its document says, leads on page by page, and refuses in sentences."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import validator_for

from digest.match import match_papers
from digest.models import Merger, Paper, Snapshot
from digest.web.api.views import DOCUMENT
from tests.factories import NOW, allow, make_match, make_paper, make_source, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)
SPEC = json.loads(DOCUMENT.read_text())
GOOD = [
    ("/api/v1/papers", "Papers"),
    ("/api/v1/papers?in=2026-W17&sort=trend&limit=2", "Papers"),
    ("/api/v1/papers?topic=world-model&category=cs.CV&since=2026-04-22", "Papers"),
    ("/api/v1/papers/arxiv:2604.12345", "WholePaper"),
    ("/api/v1/papers/url:https://lab.example.org/x", "WholePaper"),
    ("/api/v1/search?q=world+model", "Results"),
    ("/api/v1/topics", "Topics"),
    ("/api/v1/topics/world-model", "WholeTopic"),
    ("/api/v1/days?limit=3", "Days"),
    ("/api/v1/days/2026-04-22", "WholeDay"),
    ("/api/v1/days/2026-04-19", "WholeDay"),
]


@pytest.fixture
def shelves() -> Paper:
    """A paper of which all is known, one of which nothing is, and an older one."""
    parts = {"votes": 63, "votes_since_yesterday": 41, "comments": 4, "parts": {"votes": 2.5}}
    full = make_paper(
        make_source(kind="huggingface", title="Hugging Face"),
        identifier="arxiv:2604.12345",
        title="A World Model for Slow Cameras",
        authors=["Ada Adler"],
        organization="Northlight Labs",
        categories=["cs.CV", "cs.LG"],
        code_url="https://code.example.org/slow",
        code_stars=1234,
        trend=3.14,
        trend_parts=parts,
    )
    Snapshot.objects.create(paper=full, taken_at=NOW, upvotes=63, comments=4)
    make_match(full, "world model", where="World Model")
    make_paper(identifier="url:https://lab.example.org/x", url="", news_at=None)
    make_paper(title="An old world model", news_at=NOW - 3 * DAY, categories=["cs.CVX"])
    match_papers(NOW)
    return full


def asked(client: Client, address: str, status: int = 200) -> Any:
    answer = client.get(address)
    assert answer.status_code == status, answer.content
    return answer.json()


def fits(body: object, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": SPEC["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(body)


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


def test_a_paper_comes_with_its_snapshots_mentions_and_topics(
    client: Client, shelves: Paper
) -> None:
    paper = asked(client, "/api/v1/papers/arxiv:2604.12345")
    assert paper["snapshots"] == [
        {"taken_at": "2026-04-22T12:00:00Z", "votes": 63, "comments": 4, "stars": None}
    ]
    assert [mention["source"] for mention in paper["mentions"]] == ["Hugging Face"]
    assert [(topic["slug"], topic["found"]) for topic in paper["topics"]] == [
        ("world-model", ["World Model"])
    ]
    assert (paper["trend"], paper["trend_parts"]) == (3.14, {"votes": 2.5})
    assert client.get(paper["api_url"]).status_code == 200
    assert client.get(paper["page_url"]).status_code == 200


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


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/api/v1/papers?limit=0", 400, "from 1 to 100"),
        ("/api/v1/papers?limit=²", 400, "from 1 to 100"),
        ("/api/v1/papers?sort=best", 400, "trend, newest"),
        ("/api/v1/papers?in=2026-02-30", 400, "2026-W17"),
        ("/api/v1/papers?in=9999-12", 400, "2026-W17"),
        ("/api/v1/papers?since=soon", 400, "2026-04-23T08:00:00Z"),
        ("/api/v1/papers?since=2026-13-01T00:00:00", 400, "2026-04-23T08:00:00Z"),
        ("/api/v1/papers?until=0001-01-01T00:00:00%2B14:00", 400, "2026-04-23T08:00:00Z"),
        ("/api/v1/papers?cursor=x", 400, "cursor"),
        ("/api/v1/papers?cursor=WzEsMV0", 400, "cursor"),
        ("/api/v1/papers?cursor=WyJ4IiwxXQ", 400, "cursor"),
        ("/api/v1/papers?sort=trend&cursor=WzEuMCwxZTk5OV0", 400, "cursor"),
        ("/api/v1/papers?topic=a%00b", 400, "NUL"),
        (f"/api/v1/papers?topic={'x' * 501}", 400, "longer than 500"),
        ("/api/v1/papers?authors=Ada", 400, "You can use: category"),
        ("/api/v1/papers/arxiv:0000.00000", 404, "No such paper"),
        ("/api/v1/topics/nobodys", 404, "no such topic"),
        ("/api/v1/days/2026-04-23", 404, "not come yet"),
        ("/api/v1/days/2026-W17", 404, "2026-04-23"),
        ("/api/v1/days/yesterday", 404, "2026-04-23"),
        ("/api/v1/search?q=-power", 400, "only says what to leave out"),
        ("/api/v1/search", 400, "empty"),
        ("/api/v1/nothing", 404, "openapi.json"),
    ],
)
def test_what_cannot_be_answered_gets_a_sentence(
    client: Client, address: str, status: int, said: str
) -> None:
    answer = client.get(address)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    body = answer.json()
    fits(body, "Problem")
    assert (answer.status_code, body["status"]) == (status, status)
    assert said in body["detail"]


@pytest.mark.parametrize("address", [address for address, _ in GOOD])
def test_an_unchanged_answer_costs_nothing(client: Client, shelves: Paper, address: str) -> None:
    first = client.get(address)
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(address)
    assert (head.status_code, head["ETag"], head.content) == (200, first["ETag"], b"")


def test_every_web_page_may_read_and_nothing_else(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    preflight = strict.options("/api/v1/papers", headers={"Origin": "https://lab.example.org"})
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert preflight["Access-Control-Allow-Origin"] == "*"
    for method in (strict.post, strict.put, strict.delete, strict.patch):
        answer = method("/api/v1/papers")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
        fits(answer.json(), "Problem")


def test_who_asks_too_much_is_told_when_to_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_topic("world model")
    allow(monkeypatch, "ANSWERS", 1)
    asked(client, "/api/v1/days")
    answer = client.get("/feeds/latest.atom")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert "Try again in" in answer.json()["detail"]
    fits(answer.json(), "Problem")
