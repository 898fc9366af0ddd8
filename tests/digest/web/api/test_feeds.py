"""The feeds are valid, keep their ids, and cost nothing while nothing changed."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest.match import match_papers
from digest.models import Paper
from tests.factories import NOW, make_match, make_paper, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
DAY = timedelta(days=1)
ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = [
    "/feeds/latest",
    "/feeds/papers/2026-04-22",
    "/feeds/papers/2026-W17",
    "/feeds/topics/world-model",
    "/feeds/search",
]
ODD = "A World Model of 0<x<1 & “R\N{LATIN SMALL LETTER E WITH ACUTE}”"


@pytest.fixture
def shelves() -> Paper:
    paper = make_paper(
        title=ODD,
        abstract="We learn <b>when</b> to stop.\x0b It works.",
        authors=["Ada Adler", "Ben <Berg>"],
        categories=["cs.CV"],
        code_url="javascript:alert(1)",
        identifier="doi:10.1000/a(b)<c>;d",
    )
    make_paper(title="Another world model", news_at=NOW - timedelta(hours=2))
    match_papers(NOW)
    make_match(paper, "world model")
    return paper


def address(feed: str, form: str) -> str:
    return f"{feed}.{form}" + ("?q=world+model" if feed.endswith("search") else "")


@pytest.mark.parametrize("feed", FEEDS)
def test_an_atom_feed_is_read_back_without_a_complaint(
    client: Client, shelves: Paper, feed: str
) -> None:
    answer = client.get(address(feed, "atom"))
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(answer.content)
    assert not read.bozo
    entry = read.entries[0]
    assert feedparser.parse(answer.content, sanitize_html=False).entries[0].title == (
        "A World Model of 0<x<1 & “Ré”"
    )
    assert [author.name for author in entry.authors] == ["Ada Adler", "Ben <Berg>"]
    assert "&lt;b&gt;when&lt;/b&gt;" in entry.content[0].value
    assert "javascript:" not in answer.content.decode()


@pytest.mark.parametrize("feed", FEEDS)
def test_an_atom_feed_holds_what_its_rfc_asks_for(
    client: Client, shelves: Paper, feed: str
) -> None:
    root = ElementTree.fromstring(client.get(address(feed, "atom")).content)
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://localhost:8000{address(feed, 'atom')}" == text(root, "id")
    assert str(links["alternate"]).startswith("http://localhost:8000/")
    for node in (root, *root.findall(f"{ATOM}entry")):
        assert text(node, "id").startswith("http")
        assert text(node, "title")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", text(node, "updated"))
    entries = [text(entry, "id") for entry in root.findall(f"{ATOM}entry")]
    assert len(entries) == len(set(entries)) > 0
    assert text(root, "updated") == "2026-04-22T12:00:00+00:00"


def text(node: ElementTree.Element, name: str) -> str:
    return node.findtext(f"{ATOM}{name}") or ""


@pytest.mark.parametrize("feed", FEEDS)
def test_a_json_feed_holds_what_its_version_asks_for(
    client: Client, shelves: Paper, feed: str
) -> None:
    answer = client.get(address(feed, "json"))
    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    body = json.loads(answer.content)
    assert body["version"] == "https://jsonfeed.org/version/1.1"
    assert body["feed_url"] == f"http://localhost:8000{address(feed, 'json')}"
    assert body["title"].startswith("Offprint: ")
    item = body["items"][0]
    assert item["id"] == item["url"]
    assert item["id"].startswith("http://localhost:8000/paper/doi:10.1000/")
    assert "We learn &lt;b&gt;when" in item["content_html"]
    assert item["authors"] == [{"name": "Ada Adler"}, {"name": "Ben <Berg>"}]
    assert item["date_published"] == "2026-04-22T12:00:00+00:00"


@pytest.mark.parametrize("form", ["atom", "json"])
def test_votes_leave_a_feed_as_it_is_and_news_changes_it(
    client: Client, shelves: Paper, form: str
) -> None:
    first = client.get(f"/feeds/latest.{form}")
    Paper.objects.update(trend=9.0, trend_parts={"votes": 1000})
    known = {"If-None-Match": first["ETag"]}
    same = client.get(f"/feeds/latest.{form}", headers=known)
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert same["Access-Control-Allow-Origin"] == "*"
    dated = client.get(
        f"/feeds/latest.{form}", headers={"If-Modified-Since": first["Last-Modified"]}
    )
    assert dated.status_code == 304
    ids = {paper["id"] for paper in client.get("/feeds/latest.json").json()["items"]}
    with time_machine.travel(NOW + DAY, tick=False):
        Paper.objects.filter(title="Another world model").update(news_at=NOW + DAY)
        news = client.get(f"/feeds/latest.{form}", headers=known)
        body = client.get("/feeds/latest.json").json()
    assert news.status_code == 200
    assert news["Last-Modified"] == "Thu, 23 Apr 2026 12:00:00 GMT"
    assert body["items"][0]["title"] == "Another world model"
    assert {item["id"] for item in body["items"]} == ids


@pytest.mark.parametrize("feed", ["/feeds/latest", "/feeds/papers/2026-04-21"])
def test_a_feed_without_papers_is_a_feed_too(client: Client, feed: str) -> None:
    read = feedparser.parse(client.get(f"{feed}.atom").content)
    assert not read.bozo
    assert read.feed.updated
    assert client.get(f"{feed}.json").json()["items"] == []


@pytest.mark.parametrize("feed", ["/feeds/latest.json", "/feeds/search.json?q=robot"])
def test_a_long_feed_leads_to_its_next_page(client: Client, feed: str) -> None:
    for n in range(53):
        make_paper(title=f"Robot {n}", news_at=NOW - timedelta(minutes=n))
    match_papers(NOW)
    with CaptureQueriesContext(connection) as captured:
        first = client.get(feed).json()
    assert len(captured) < 12
    second = client.get(first["next_url"]).json()
    assert (len(first["items"]), len(second["items"])) == (50, 3)
    assert "next_url" not in second
    assert first["next_url"].endswith("page=2")
    assert not {i["id"] for i in first["items"]} & {i["id"] for i in second["items"]}
    link = '<link rel="next" type="application/atom+xml"'
    assert link in client.get(feed.replace("json", "atom")).content.decode()


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "/feeds/latest.atom"),
        ("/papers/2026-W17/", "/feeds/papers/2026-W17.json"),
        ("/topics/world-model/", "/feeds/topics/world-model.atom"),
        ("/search?q=world+model", "/feeds/search.json?q=world%20model"),
        ("/api/", "/feeds/latest.json"),
    ],
)
def test_a_page_leads_feed_readers_to_its_feed(
    client: Client, shelves: Paper, page: str, feed: str
) -> None:
    found = re.findall(
        r'<link rel="alternate" type="application/[a-z]+\+[a-z]+" title="[^"]+" href="([^"]+)"',
        client.get(page).content.decode(),
    )
    assert feed in found
    assert all(client.get(address).status_code == 200 for address in found)


@pytest.mark.parametrize(
    ("feed", "status", "said"),
    [
        ("/feeds/papers/2026-04-23.atom", 404, "not come yet"),
        ("/feeds/topics/unheard-of.json", 404, "no such topic"),
        ("/feeds/search.atom?q=-power", 400, "only says what to leave out"),
        ("/feeds/search.json", 400, "empty"),
        ("/feeds/search.atom?q=%00", 400, "NUL"),
        ("/feeds/papers/2026-02-30.atom", 404, "no such feed"),
        ("/feeds/latest.rss", 404, "no such feed"),
    ],
)
def test_a_feed_that_cannot_be_says_why(client: Client, feed: str, status: int, said: str) -> None:
    answer = client.get(feed)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "typed",
    [
        '"<bold>&]]>" + robots',
        "a]]><script>",
        "r\u00e9sum\u00e9 & \ufb01sh",
        "\U0001f642 robots",
    ],
)
def test_a_feed_of_whatever_somebody_searched_is_a_feed(client: Client, typed: str) -> None:
    atom = client.get("/feeds/search.atom", {"q": typed})
    read = feedparser.parse(atom.content)
    assert (atom.status_code, read.bozo, read.entries) == (200, False, [])
    body = client.get("/feeds/search.json", {"q": typed}).json()
    assert (body["items"], body["home_page_url"]) == ([], read.feed.link)
    assert client.get(body["feed_url"].removeprefix("http://localhost:8000")).json() == body


def test_a_topic_that_found_nothing_has_a_feed(client: Client) -> None:
    make_topic("world model")
    assert client.get("/feeds/topics/world-model.json").json()["items"] == []
