from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digest.ingest.sources.arxiv import parse_document, split_authors
from digest.ingest.sources.parsed import ParsedEntry, Unreadable
from tests.digest.ingest.sources.wire import arxiv_item, arxiv_rss

URL = "https://rss.arxiv.org/rss/cs.CL+cs.LG"
ATOM = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns="http://www.w3.org/2005/Atom"><id>http://rss.arxiv.org/atom/cs.AI</id>
 <title>cs.AI updates on arXiv.org</title><updated>2026-04-22T04:00:19.8+00:00</updated>
 <entry><id>oai:arXiv.org:2604.00007v2</id><title>Sets and $k$-means</title>
 <updated>2026-04-22T04:00:19.9+00:00</updated>
 <link href="https://arxiv.org/abs/2604.00007" rel="alternate" type="text/html"/>
 <summary>arXiv:2604.00007v2 Announce Type: replace-cross
Abstract: We cluster.</summary><category term="cs.LG"/><category term="cs.AI"/>
 <published>2026-04-22T00:00:00-04:00</published>
 <arxiv:announce_type>replace-cross</arxiv:announce_type>
 <dc:creator>Ana Diaz</dc:creator></entry></feed>"""
RDF = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://arxiv.org/"><title>hep-ex updates on arXiv.org</title>
<link>http://arxiv.org/</link><dc:date>2026-04-22T00:30:00-05:00</dc:date></channel>
<item rdf:about="http://arxiv.org/abs/2604.00008"><title>Jets. (arXiv:2604.00008v{version} \
[hep-ex]{flags})</title><link>http://arxiv.org/abs/2604.00008</link>
<description>&lt;p&gt;At $\\sqrt{{s}}$ and $2.6&amp;lt;\\eta&amp;lt;4$.&lt;/p&gt;</description>
<dc:creator>&lt;a href="http://x/au:+D"&gt;Christa Dil&lt;/a&gt; (STAR, BNL (US)), \
&lt;a href="http://x"&gt;Bo Wu&lt;/a&gt;</dc:creator></item></rdf:RDF>"""
API = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
<id>https://arxiv.org/api/q</id><title>arXiv Query</title><updated>2026-04-22T10:00:00Z</updated>
<link href="https://arxiv.org/api/query?search_query=" type="application/atom+xml"/>
<entry><id>http://arxiv.org/abs/math.GT/0601001v{version}</id><title>0</title>
<updated>2026-04-21T10:00:00Z</updated><published>2026-04-20T10:00:00Z</published>
<link href="https://arxiv.org/abs/math/0601001v1" rel="alternate" type="text/html"/>
<summary>On zero.</summary><category term="cs.CR"/><category term="math.GT"/>
<arxiv:primary_category term="math.GT"/><arxiv:doi>10.1000/ZERO</arxiv:doi>
<author><name>Ana Diaz</name></author><author><name>Bo Chen</name></author></entry></feed>"""
ERROR = """<feed xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/</id>
<title>arXiv Search Results</title><entry><title>Error</title>
<id>https://arxiv.org/api/errors#bad</id><summary>incorrect id format for abc</summary>
<link href="https://arxiv.org/api/errors#bad"/></entry></feed>"""


def _one(body: bytes | str, url: str = URL) -> ParsedEntry:
    body = body if isinstance(body, bytes) else body.encode()
    (entry,) = parse_document(body, url).entries
    return entry


def test_an_rss_item_becomes_an_entry() -> None:
    item = arxiv_item(
        "2604.00001",
        title=r"G\"odel numbers &amp; $\alpha$-sets",
        authors=r"Ana Milovi\'c, Bo Chen",
        categories=["cs.CL", "cs.AI"],
    )
    entry = _one(arxiv_rss(item))
    assert entry.guid == "oai:arXiv.org:2604.00001v1"
    assert entry.identifier == "arxiv:2604.00001"
    assert entry.url == "https://arxiv.org/abs/2604.00001"
    assert entry.title == "Gödel numbers &amp; α-sets"
    assert entry.abstract == "We study 0<x<1 and <think> tokens."
    assert entry.authors == ("Ana Milović", "Bo Chen")
    assert entry.categories == ("cs.CL", "cs.AI")
    assert entry.published_at == datetime(2026, 4, 22, 4, tzinfo=UTC)
    assert entry.announce_type == "new"


@pytest.mark.parametrize("said", ["new", "cross", "replace", "replace-cross"])
def test_announce_types_are_kept_apart(said: str) -> None:
    entry = _one(arxiv_rss(arxiv_item(type=said)))
    assert entry.announce_type == said
    assert entry.is_replacement == said.startswith("replace")


@pytest.mark.parametrize(("version", "expected"), [(1, "new"), (3, "replace")])
def test_an_announce_type_nobody_knows_is_told_by_the_version(version: int, expected: str) -> None:
    entry = _one(arxiv_rss(arxiv_item(type="sideways", version=version)))
    assert entry.announce_type == expected


def test_atom_is_read_like_rss_and_its_updated_is_no_date() -> None:
    entry = _one(ATOM)
    assert entry.identifier == "arxiv:2604.00007"
    assert entry.title == "Sets and k-means"
    assert entry.announce_type == "replace-cross"
    assert entry.published_at == datetime(2026, 4, 22, 4, tzinfo=UTC)
    assert entry.abstract == "We cluster."
    assert parse_document(ATOM.encode(), URL).listed_on == date(2026, 4, 22)


@pytest.mark.parametrize(
    ("version", "flags", "announce_type"),
    [
        (1, "", "new"),
        (1, " CROSS LISTED", "cross"),
        (2, " UPDATED", "replace"),
        (2, " CROSS LISTED", "replace-cross"),
    ],
)
def test_the_old_rdf_is_read_with_its_flags(version: int, flags: str, announce_type: str) -> None:
    body = RDF.format(version=version, flags=flags)
    entry = _one(body)
    assert entry.guid == f"oai:arXiv.org:2604.00008v{version}"
    assert entry.identifier == "arxiv:2604.00008"
    assert entry.title == "Jets."
    assert entry.announce_type == announce_type
    assert entry.abstract == "At √s and 2.6<η<4."
    assert entry.authors == ("Christa Dil", "Bo Wu")
    assert entry.categories == ("hep-ex",)
    assert entry.published_at == datetime(2026, 4, 22, 5, 30, tzinfo=UTC)


def test_an_answer_of_the_query_api_is_read() -> None:
    entry = _one(API.format(version=1), "https://export.arxiv.org/api/query?x")
    assert entry.identifier == "arxiv:math/0601001"
    assert entry.title == "0"
    assert entry.announce_type == "new"
    assert entry.categories == ("math.GT", "cs.CR")
    assert entry.doi == "10.1000/zero"
    assert entry.authors == ("Ana Diaz", "Bo Chen")
    assert entry.published_at == datetime(2026, 4, 20, 10, tzinfo=UTC)
    assert _one(API.format(version=2)).announce_type == "replace"


def test_an_error_told_in_a_feed_is_an_error() -> None:
    with pytest.raises(Unreadable, match="error: incorrect id format for abc"):
        parse_document(ERROR.encode(), URL)


def test_a_paper_may_be_called_error() -> None:
    assert _one(arxiv_rss(arxiv_item(title="Error"))).title == "Error"


def test_an_entry_without_number_or_title_is_left_out_alone() -> None:
    nameless = arxiv_item("2604.00002", title=" ")
    lost = arxiv_item("2604.00003", link="https://x.org").replace("oai:arXiv.org:2604", "x")
    document = parse_document(arxiv_rss(arxiv_item("2604.00001"), nameless, lost), URL)
    assert [entry.identifier for entry in document.entries] == ["arxiv:2604.00001"]
    assert document.skipped == 2
    assert "2 entries had no arXiv number or no title" in document.problem


def test_a_list_cut_short_keeps_its_whole_entries_and_says_so() -> None:
    body = arxiv_rss(arxiv_item("2604.00001"), arxiv_item("2604.00002"))
    document = parse_document(body[: body.index(b"2604.00002") + 40], URL)
    assert len(document.entries) == 1
    assert not document.is_whole
    assert document.problem == "The list was cut short; 1 entry, its first, was whole and is in."


@pytest.mark.parametrize("body", [b"", b"<html><body>Sorry</body></html>", b"\x00\x01garbage"])
def test_what_is_no_list_gets_a_sentence(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_document(body, URL)


def test_an_empty_list_has_a_day_and_no_entries() -> None:
    document = parse_document(arxiv_rss(), URL)
    assert document.entries == ()
    assert document.listed_on == date(2026, 4, 22)
    assert parse_document(b'<rss version="2.0"><channel></channel></rss>', URL).listed_on is None


@pytest.mark.parametrize(
    ("joined", "names"),
    [
        ("Ana Diaz", ["Ana Diaz"]),
        ("Ana Diaz, Bo Chen,  Deepti, Cy", ["Ana Diaz", "Bo Chen", "Deepti", "Cy"]),
        ("Sammy Davis, Jr., Bo Chen, III", ["Sammy Davis, Jr.", "Bo Chen, III"]),
        ("Ana Diaz (MIT, USA (East)), Bo Chen (2)", ["Ana Diaz", "Bo Chen"]),
        (r"Ana Milovi\'c, Bj\o rn Ha\v{s}ek", ["Ana Milović", "Bjørn Hašek"]),
        ("Ana Diaz, Ana Diaz", ["Ana Diaz"]),
        (", ,", []),
        ("Jr.", ["Jr."]),
    ],
)
def test_authors_are_split_at_commas_that_part_names(joined: str, names: list[str]) -> None:
    assert list(split_authors([joined])) == names


def test_authors_are_capped() -> None:
    assert len(split_authors([", ".join(f"A {n}" for n in range(900))])) == 300
