from __future__ import annotations

import pytest

from digest.ingest.sources.opml import NotOpml, Outline, read_opml


def test_every_outline_with_an_address_is_read_in_the_files_order_however_deep() -> None:
    body = b"""<opml version="2.0"><body><outline text="Labs"><outline title="A lab" text="a"
        xmlUrl=" https://lab.example.org/feed "/></outline>
        <outline text="cs.CL" XMLURL="https://rss.arxiv.org/rss/cs.CL"/></body></opml>"""
    assert read_opml(body) == [
        Outline("https://lab.example.org/feed", "A lab"),
        Outline("https://rss.arxiv.org/rss/cs.CL", "cs.CL"),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><opml>&b;</opml>", "document type"),
        (b"<!DOCTYPE opml SYSTEM 'file:///etc/passwd'><opml/>", "document type"),
        (b"<opml><outline", "no well-formed XML"),
        (b"not XML", "no well-formed XML"),
        (b"", "no well-formed XML"),
        (b"<rss/>", "first element is not <opml>"),
        (b"<opml>" + b" " * 2_000_001, "larger than 2 MB"),
        (b"<opml>" + b"<outline>" * 60, "far deeper"),
        (b"<opml>" + b"<outline xmlUrl='https://x.org'/>" * 5100 + b"</opml>", "far more"),
        (b"<opml>&nothing;</opml>", "no well-formed XML"),
    ],
)
def test_what_is_no_list_of_feeds_is_refused_in_a_sentence(body: bytes, said: str) -> None:
    with pytest.raises(NotOpml, match=said):
        read_opml(body)
