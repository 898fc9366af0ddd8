"""The page of saved papers, and its feed."""

from __future__ import annotations

import re
from html import unescape

import feedparser
import pytest
from django.test import Client

from subscribers import tokens
from subscribers.models import Subscriber
from tests.digest.feedback.test_reading_list import feed_of, page_of, saved, titles
from tests.factories import NOW, make_paper, make_reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


class TestThePage:
    def test_the_last_saved_comes_first_with_all_that_a_reader_needs(
        self, client: Client, reader: Subscriber
    ) -> None:
        saved(reader, 5, title="Orcas & <Whales>", authors=["Ada Adler"], abstract="0<x<1. " * 90)
        saved(reader, 1, title="Seals", code_url="javascript:1", categories=["cs.SD"])
        saved(make_reader(), title="Not Theirs")
        assert titles(client, page_of(reader)) == ["Seals", "Orcas & <Whales>"]
        page = unescape(client.get(page_of(reader)).content.decode())
        for said in ["Ada Adler", "0<x<1.", "cs.SD", "saved 22 Apr 2026", "2 papers", "/pdf/"]:
            assert said in page
        assert "javascript:" not in page

    def test_an_empty_list_says_how_papers_come_onto_it(
        self, client: Client, reader: Subscriber
    ) -> None:
        assert b"Nothing is saved yet." in client.get(page_of(reader)).content

    def test_a_removed_paper_comes_back_to_its_place(
        self, client: Client, reader: Subscriber
    ) -> None:
        first, second = saved(reader, 2, title="Orcas"), saved(reader, 1, title="Seals")
        answer = client.post(page_of(reader), {"remove": str(first.pk)})
        page = client.get(answer["Location"]).content.decode()
        assert "Removed: Orcas" in page
        [(name, value)] = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page)
        assert titles(client, page_of(reader)) == ["Seals"]
        undo = {"restore": str(first.pk), name: unescape(value)}
        for _ in range(2):
            answer = client.post(answer["Location"], undo)
        assert titles(client, page_of(reader)) == ["Seals", "Orcas"]
        assert (
            "Removed" not in client.get(f"{answer['Location']}?removed={first.pk}").content.decode()
        )
        assert second in {row.paper for row in reader.saved_papers.all()}

    @pytest.mark.parametrize(
        ("form", "kept"),
        [
            ({"remove": "0"}, 1),
            ({"remove": "all"}, 1),
            ({"remove": "9" * 30}, 1),
            ({"remove": "9" * 5000}, 1),
            ({"restore": "0"}, 1),
            ({"restore": "9" * 30}, 1),
            ({"restore": "{pk}", "saved_at": "tomorrow"}, 2),
            ({"restore": "{pk}", "saved_at": "9999-12-31T23:59:59-23:59"}, 2),
            ({"restore": "{pk}", "saved_at": "2030-01-01T00:00:00+00:00"}, 2),
        ],
    )
    def test_odd_forms_do_no_harm(
        self, client: Client, reader: Subscriber, form: dict[str, str], kept: int
    ) -> None:
        saved(reader, 1)
        pk = str(make_paper().pk)
        filled = {name: value.format(pk=pk) for name, value in form.items()}
        assert client.post(page_of(reader), filled).status_code == 302
        assert client.get(page_of(reader), {"removed": "9" * 30}).status_code == 200
        assert reader.saved_papers.count() == kept
        assert all(row.saved_at <= NOW for row in reader.saved_papers.all())

    def test_the_feeds_address_opens_no_page_and_the_pages_no_feed(
        self, client: Client, reader: Subscriber
    ) -> None:
        reads = tokens.sign(tokens.READING_FEED, reader.pk)
        writes = tokens.sign(tokens.READING_LIST, reader.pk)
        assert client.post(f"/reading-list/{reads}/", {"remove": "1"}).status_code == 404
        for name in ("atom.xml", "offprint.bib"):
            assert client.get(f"/reading-list/{writes}/{name}").status_code == 404
            assert client.post(f"/reading-list/{reads}/{name}").status_code == 405


class TestTheFeed:
    def test_it_reads_back_as_it_was_saved(self, client: Client, reader: Subscriber) -> None:
        paper = saved(
            reader,
            title="Orcas & <Whales>",
            abstract="We keep 0<x<1 & <think>.",
            authors=["Ada Adler", "Ben Berg"],
            categories=["cs.CL", "cs.LG"],
        )
        saved(reader, 1, title="Nobody’s")
        answer = client.get(feed_of(reader))
        assert answer["Content-Type"].startswith("application/atom+xml")
        read = feedparser.parse(answer.content)
        assert not read.bozo
        assert [entry.title for entry in read.entries] == ["Orcas & <Whales>", "Nobody’s"]
        entry = read.entries[0]
        assert paper.url in {link.href for link in entry.links}
        assert [author.name for author in entry.authors] == ["Ada Adler", "Ben Berg"]
        assert "<p>We keep 0&lt;x&lt;1 &amp; &lt;think&gt;.</p>" in entry.content[0].value
        assert entry.updated_parsed[:5] == (2026, 4, 22, 12, 0)
        assert [tag.term for tag in entry.tags] == ["cs.CL", "cs.LG"]
        assert read.feed.updated_parsed[:5] == (2026, 4, 22, 12, 0)

    def test_it_leads_nowhere_that_could_change_anything(
        self, client: Client, reader: Subscriber
    ) -> None:
        saved(reader)
        text = client.get(feed_of(reader)).content.decode() + str(
            client.get(feed_of(reader)).headers
        )
        for purpose in (tokens.READING_LIST, tokens.FEEDBACK, tokens.PREFERENCES):
            assert tokens.sign(purpose, reader.pk) not in text
        assert reader.email not in text

    @pytest.mark.parametrize("name", ["atom.xml", "offprint.bib"])
    def test_it_is_not_sent_twice_while_it_stays_the_same(
        self, client: Client, reader: Subscriber, name: str
    ) -> None:
        saved(reader)
        address = feed_of(reader, name)
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert first["Cache-Control"] == "private, no-cache"
        assert first["X-Robots-Tag"] == "noindex, nofollow"
        saved(reader, title="Seals")
        changed = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (changed.status_code, b"Seals" in changed.content) == (200, True)

    @pytest.mark.parametrize("name", ["atom.xml", "offprint.bib"])
    def test_an_empty_list_and_a_reader_who_is_gone_have_their_answers(
        self, client: Client, reader: Subscriber, name: str
    ) -> None:
        address = feed_of(reader, name)
        first, again = client.get(address), client.get(address)
        assert (first.status_code, first.content) == (200, again.content)
        assert client.head(address)["ETag"] == first["ETag"]
        reader.delete()
        assert client.get(address).status_code == 404
