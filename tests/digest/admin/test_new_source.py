"""A new source is looked at before it is saved, and its page shows what would be stored."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from digest.models import Paper, Source
from tests.digest.admin.pages import address, text
from tests.factories import added_in_this_moment, make_source
from tests.web_server import WebServer, web_server

pytestmark = pytest.mark.django_db
ADD = "/admin/digest/source/add/"
ITEM = (
    "<item><title>Slow rivers {n}</title><link>https://rivers.example.org/{n}</link><description>"
    "&lt;p&gt;Abstract&lt;/p&gt;&lt;p&gt;We follow a slow river for {n} years and say where it"
    " goes.&lt;/p&gt;</description><author>Ada Lunt; Bo Karr</author><pubDate>Wed, 22 Apr 2026"
    " 06:00:00 +0000</pubDate></item>"
)
FEED = (
    "<?xml version='1.0'?><rss version='2.0'><channel><title>Journal of Rivers</title>"
    f"{''.join(ITEM.format(n=n) for n in range(1, 8))}</channel></rss>"
)


@pytest.fixture
def web(settings: Any) -> Iterator[WebServer]:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    with web_server() as web:
        web.give("/feed", FEED.encode())
        yield web


def look(staff: Client, url: str, **fields: str) -> Any:
    return staff.post(ADD, {"url": url} | fields)


def read_looked(page: Any) -> str:
    return str(page.context["looked"])


def test_the_first_papers_are_shown_as_they_would_be_stored_and_nothing_is_saved(
    staff: Client, web: WebServer
) -> None:
    before = Source.objects.count()
    page = " ".join(unescape(text(look(staff, f"{web.url}/feed"))).split())
    for said in (
        "Journal of Rivers",
        "RSS or Atom feed at",
        "It holds 7 papers. The first 5",
        "Slow rivers 5",
        "Ada Lunt, Bo Karr · 22 April 2026",
        "We follow a slow river for 5 years and say where it goes.",
        "Add this source",
    ):
        assert said in page
    assert "Slow rivers 6" not in page
    assert (Source.objects.count(), Paper.objects.count()) == (before, 0)


def test_what_was_looked_at_is_saved_at_the_second_press_and_not_fetched_again(
    staff: Client, web: WebServer
) -> None:
    url = f"{web.url}/feed"
    looked = read_looked(look(staff, url))
    assert look(staff, url, looked=looked, title="Our rivers").status_code == 302
    source = Source.objects.get(url=url)
    assert (source.title, source.kind) == ("Our rivers", "feed")
    assert source in Source.objects.due(timezone.now())
    assert len(web.requests("/feed")) == 1
    assert LogEntry.objects.filter(object_id=str(source.pk)).count() == 1
    assert "Our rivers has this address already." in text(look(staff, url, looked=looked))


def test_of_two_who_add_the_same_at_once_one_is_told(staff: Client, web: WebServer) -> None:
    url = f"{web.url}/feed"
    looked = read_looked(look(staff, url))
    with added_in_this_moment(url):
        answer = look(staff, url, looked=looked, title="Rivers")
    assert "in this moment" in text(staff.get(answer["Location"]))
    assert not LogEntry.objects.exists()


def test_another_address_than_the_one_that_was_shown_is_looked_at_anew(
    staff: Client, web: WebServer
) -> None:
    web.give("/other", FEED.replace("Slow", "Quick").encode())
    looked = read_looked(look(staff, f"{web.url}/feed"))
    page = look(staff, f"{web.url}/other", looked=looked)
    assert "Quick rivers 1" in text(page)
    assert not Source.objects.filter(url__startswith=web.url).exists()
    forged = look(staff, f"{web.url}/feed", looked="forged")
    assert forged.status_code == 200


def test_a_page_leads_to_the_feed_that_it_names(staff: Client, web: WebServer) -> None:
    web.give("/", b"<html><link rel=alternate type=application/rss+xml href=/feed>")
    page = look(staff, f"{web.url}/")
    assert "The page that you typed names this feed." in text(page)
    look(staff, f"{web.url}/", looked=read_looked(page))
    assert Source.objects.get(title="Journal of Rivers").url == f"{web.url}/feed"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://10.0.0.8/feed", "is an address within a private network"),
        ("localhost/feed", "is an address within a private network"),
        ("ftp://example.org/feed", "must begin with http:// or https://"),
        ("https://arxiv.org/abs/2604.01234", "is one paper"),
        ("", "Type an address, such as"),
        ("hello world", "This is no address of the web"),
    ],
)
def test_what_can_be_no_source_is_refused_at_once(staff: Client, url: str, sentence: str) -> None:
    page = look(staff, url)
    assert page.status_code == 422
    assert sentence in unescape(text(page))


def test_what_cannot_be_read_is_said_and_not_added(staff: Client, web: WebServer) -> None:
    web.give("/page", b"<html><p>Nothing here")
    for path, sentence in (("/page", "names no feed"), ("/gone", "nothing at this address (404)")):
        page = look(staff, f"{web.url}{path}")
        assert sentence in unescape(text(page))
        assert "Add this source" not in text(page)


def test_a_host_that_is_silent_now_can_be_added_all_the_same(staff: Client, web: WebServer) -> None:
    silent = "http://127.0.0.1:9/feed"
    page = look(staff, silent)
    assert "Nobody has looked at it yet." in text(page)
    assert look(staff, silent, looked=read_looked(page)).status_code == 302
    assert Source.objects.get(url=silent).title == "127.0.0.1/feed"


def test_a_source_in_another_spelling_is_known(staff: Client, web: WebServer) -> None:
    make_source(url=f"{web.url}/feed", title="Rivers")
    assert "Rivers has this address already." in text(look(staff, f"{web.url}/feed/"))
    assert not web.requests("/feed")


def test_who_may_not_add_sources_sees_no_form(client: Client) -> None:
    client.force_login(User.objects.create_user("reader", is_staff=True))
    assert client.get(address(Source, "add")).status_code == 403
    assert client.post(address(Source, "add"), {"url": "https://example.org"}).status_code == 403
