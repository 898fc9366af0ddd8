"""Search engines are led to every public page, and to no other."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.factories import NOW, make_match, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def places(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.head(address)["ETag"] == answer["ETag"]
    root = ElementTree.fromstring(answer.content)
    return [place.text or "" for place in root.iter(f"{NAMESPACE}loc")]


def test_every_public_page_is_listed_and_answers(client: Client) -> None:
    make_match(make_paper(identifier="arxiv:2604.00001"), "world model")
    make_paper(identifier="url:https://lab.example.org/a?b=c&d", news_at=NOW - timedelta(days=9))
    make_paper(news_at=NOW + timedelta(days=1))
    files = places(client, "/sitemap.xml")
    assert [urlsplit(file).path for file in files] == [
        "/sitemaps/pages.xml",
        "/sitemaps/2026-04-22.xml",
        "/sitemaps/2026-04-13.xml",
    ]
    listed = [place for file in files for place in places(client, urlsplit(file).path)]
    assert len(listed) == len(set(listed))
    for path in [
        "/",
        "/api/",
        "/topics/world-model/",
        "/papers/2026-W16/",
        "/papers/2026-04/",
        "/papers/2026-04-13/",
        "/paper/arxiv:2604.00001/",
        "/paper/url:https://lab.example.org/a%3Fb=c&d/",
    ]:
        assert f"http://localhost:8000{path}" in listed
    for place in listed:
        assert client.get(place).status_code == 200, place


def test_a_site_without_papers_lists_its_pages(client: Client) -> None:
    assert places(client, "/sitemap.xml") == ["http://localhost:8000/sitemaps/pages.xml"]
    for name in ("2026-W17", "9999-12-31"):
        assert client.get(f"/sitemaps/{name}.xml").status_code == 404


def test_robots_are_told_what_is_not_for_them(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    said = answer.content.decode()
    assert "Disallow: /preferences/\n" in said
    assert "Sitemap: http://localhost:8000/sitemap.xml" in said


def test_the_address_that_browsers_ask_for_an_icon_has_one(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"].startswith("/static/icon.")
