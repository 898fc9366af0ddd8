from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from digest.ingest.sources.feed import parse_document
from digest.ingest.sources.feed_entry import parse_entry
from digest.ingest.sources.parsed import ParsedEntry, Unreadable
from tests.digest.ingest.sources.wire import feed_item, rss

URL = "https://lab.example.org/feed.xml"


def _entries(*items: str) -> tuple[ParsedEntry, ...]:
    return parse_document(rss(*items), URL).entries


def _one(title: str = "A post", **fields: str) -> ParsedEntry:
    (entry,) = _entries(feed_item(title, **fields))
    return entry


def test_a_labs_post_becomes_an_entry() -> None:
    entry = _one(
        "Robots &amp; us",
        link="https://lab.example.org/post/?utm_source=rss",
        guid="tag:lab,2026:1",
        description="<p>We build <b>robots</b>.</p><p>0 &lt; x</p>",
        author="Ana Diaz",
        category="robots",
        pubDate="Wed, 22 Apr 2026 10:00:00 +0200",
    )
    assert entry.guid == "tag:lab,2026:1"
    assert entry.identifier == "url:https://lab.example.org/post"
    assert entry.url == "https://lab.example.org/post/?utm_source=rss"
    assert entry.title == "Robots & us"
    assert entry.abstract == "We build robots. 0 < x"
    assert entry.authors == ("Ana Diaz",)
    assert entry.categories == ("robots",)
    assert entry.published_at == datetime(2026, 4, 22, 8, tzinfo=UTC)
    assert entry.announce_type == "new"


def test_a_feed_that_speaks_of_papers_names_them() -> None:
    assert _one(link="https://arxiv.org/abs/2604.00001v3").identifier == "arxiv:2604.00001"
    entry = _one(**{"link": "https://j.example.org/7", "prism:doi": "10.1000/ABC"})
    assert (entry.identifier, entry.doi) == ("doi:10.1000/abc", "10.1000/abc")
    entry = _one(**{"link": "https://j.example.org/7", "dc:identifier": "doi:10.1000/abc"})
    assert entry.identifier == "doi:10.1000/abc"
    entry = _one(**{"link": "https://j.org/7", "prism:doi": "10.48550/arXiv.2604.00001"})
    assert (entry.identifier, entry.doi) == ("arxiv:2604.00001", "")


def test_a_paper_that_a_post_only_mentions_is_not_the_post() -> None:
    entry = _one(link="https://lab.example.org/1", description="See arXiv:2604.00001, 10.1000/x")
    assert entry.identifier == "url:https://lab.example.org/1"


def test_entries_without_id_are_told_apart_by_their_links() -> None:
    one, other = _entries(feed_item("One", link="/1"), feed_item("Two", link="/2"))
    assert (one.guid, other.guid) == ("https://lab.example.org/1", "https://lab.example.org/2")
    assert one.url == "https://lab.example.org/1"


def test_entries_without_link_are_named_within_their_feed_and_lead_to_its_home() -> None:
    one, other = _entries(feed_item("One", description="x"), feed_item("Two"))
    assert one.guid != other.guid
    assert one.identifier == f"url:{URL}#{one.guid}"
    assert one.url == "https://lab.example.org/"
    assert _entries(feed_item("One", description="x"))[0].guid == one.guid


def test_an_id_that_is_an_address_serves_as_link() -> None:
    entry = _one(guid="https://lab.example.org/7")
    assert entry.url == "https://lab.example.org/7"


def test_entries_that_all_link_to_one_page_are_not_one_paper() -> None:
    items = [feed_item(f"Episode {n}", guid=f"e{n}", link="https://x.org/show") for n in "12"]
    one, other = _entries(*items)
    assert one.identifier != other.identifier
    assert one.url == other.url == "https://x.org/show"
    assert (
        _one(guid="e1", link="https://lab.example.org").identifier != "url:https://lab.example.org"
    )


def test_an_id_given_to_several_links_is_none() -> None:
    one, other = _entries(feed_item("A", guid="x", link="/1"), feed_item("B", guid="x", link="/2"))
    assert {one.guid, other.guid} == {"https://lab.example.org/1", "https://lab.example.org/2"}


def test_an_entry_repeated_within_a_file_comes_once() -> None:
    (entry,) = _entries(*[feed_item("Same", guid="x", link="/1")] * 3)
    assert entry.guid == "x"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://x.org/1", "http://[bad", "https://x.org/" + "a" * 2000]
)
def test_a_link_that_leads_nowhere_on_the_web_is_dropped(link: str) -> None:
    assert _one(guid="e1", link=link).url == "https://lab.example.org/"


def test_a_post_without_title_is_called_by_its_first_words() -> None:
    entry = _one("", link="/1", description="Some words. " * 30)
    assert entry.title.startswith("Some words. Some")
    assert len(entry.title) <= 100


def test_an_entry_with_neither_title_nor_text_is_left_out_alone() -> None:
    document = parse_document(rss(feed_item("", link="/1"), feed_item("Two", link="/2")), URL)
    assert [entry.title for entry in document.entries] == ["Two"]
    assert document.skipped == 1
    assert document.problem == "1 of 2 entries were read; 1 had neither title nor text."


def test_an_entry_without_date_has_none_and_a_date_of_zero_is_none() -> None:
    assert _one().published_at is None
    assert _one(pubDate="Thu, 01 Jan 1970 00:00:00 GMT").published_at is None


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ana Diaz", ["Ana Diaz"]),
        ("Ana Diaz, Bo Chen and Cy Poe", ["Ana Diaz", "Bo Chen", "Cy Poe"]),
        ("Ana Diaz; Bo Chen", ["Ana Diaz", "Bo Chen"]),
        ("Diaz, Ana", ["Ana Diaz"]),
        ("Kukla, D., Crampton, A. B.", ["D. Kukla", "A. B. Crampton"]),
        ("Ana Diaz (mailto:ana@x.org)", ["Ana Diaz"]),
        ("Deepti", ["Deepti"]),
    ],
)
def test_authors_are_split_where_several_share_a_field(author: str, names: list[str]) -> None:
    assert list(_one(**{"dc:creator": author}).authors) == names


def test_faults_in_the_xml_are_only_a_remark() -> None:
    document = parse_document(rss(feed_item("A&nbsp;B").replace("&amp;", "&")), URL)
    assert [entry.title for entry in document.entries] == ["A B"]
    assert document.problem == "Its XML has faults, but it could be read."
    assert (document.is_whole, document.skipped) == (True, 0)


def test_a_feed_cut_short_keeps_its_whole_entries() -> None:
    body = rss(feed_item("One", link="/1"), feed_item("Two", link="/2"))
    document = parse_document(body[: body.index(b"Two") + 1], URL)
    assert [entry.title for entry in document.entries] == ["One"]
    assert not document.is_whole
    assert document.problem.startswith("The feed was cut short; 1 entry, its first, was whole")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
        (b'{"error": 1}', "JSON"),
        (b"\x00\xff\x13 garbage", "not a feed"),
    ],
)
def test_what_is_no_feed_gets_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        parse_document(body, URL)


def test_an_empty_feed_is_no_error() -> None:
    document = parse_document(rss(), URL)
    assert (document.entries, document.title, document.problem) == ((), "Lab notes", "")


def test_a_doi_that_many_titles_bear_is_that_of_the_journal_and_names_no_paper() -> None:
    items = (
        feed_item(f"Paper {n}", link=f"https://x.example.org/{n}", **{"prism:doi": "10.5555/j"})
        for n in range(3)
    )
    document = parse_document(rss(*items), "https://x.example.org/feed")
    assert [entry.identifier for entry in document.entries] == [
        f"url:https://x.example.org/{n}" for n in range(3)
    ]


def test_what_stands_within_a_publishers_element_is_not_the_entrys_own() -> None:
    item = (
        "<item><title>Gulls</title><link>https://x.example.org/1</link>"
        "<links><link>https://x.example.org/1.pdf</link></links></item>"
    )
    (entry,) = parse_document(rss(item), "https://x.example.org/feed").entries
    assert entry.url == "https://x.example.org/1"


def test_a_broken_entry_loses_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_all_but_one(named: Any, *rest: Any) -> ParsedEntry | None:
        if named.raw["title"]["text"] == "Broken":
            raise KeyError
        return parse_entry(named, *rest)

    monkeypatch.setattr("digest.ingest.sources.feed.parse_entry", read_all_but_one)
    body = rss(feed_item("Broken", link="/1"), feed_item("Whole", link="/2"))
    document = parse_document(body, URL)
    assert [entry.title for entry in document.entries] == ["Whole"]
    assert document.problem == "1 of 2 entries were read; 1 could not be understood."
