from __future__ import annotations

import pytest

from digest.ingest.sources.opml import NotOpml, Outline, read_opml


def test_every_outline_with_an_address_is_read_in_the_files_order_however_deep() -> None:
    body = b"""<opml version="2.0"><body><outline text="Labs"><outline title="A lab" text="a"
        xmlUrl=" https://lab.example.org/feed "/></outline>
        <outline text="cs.CL" XMLURL="https://rss.arxiv.org/rss/cs.CL"/>
        <outline text="Page" type="link" url="https://page.example.org"/>
        <outline text="Old" type="rss" url="https://old.example.org/rss"/></body></opml>"""
    assert read_opml(body) == [
        Outline("https://lab.example.org/feed", "A lab"),
        Outline("https://rss.arxiv.org/rss/cs.CL", "cs.CL"),
        Outline("https://old.example.org/rss", "Old"),
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


def test_ampersands_and_names_of_signs_are_read_as_people_mean_them() -> None:
    body = (
        b'<opml><body><outline text="Caf&eacute; &amp; R&D" xmlUrl="http://x.example.org/?a=1&b=2"/>'
        b'<outline text="&#233;&lt;" xmlUrl="http://y.example.org/?a&amp;b"/></body></opml>'
    )
    assert read_opml(body) == [
        Outline("http://x.example.org/?a=1&b=2", "Caf\u00e9 & R&D"),
        Outline("http://y.example.org/?a&b", "\u00e9<"),
    ]


def test_a_file_in_another_encoding_is_read() -> None:
    text = (
        '<?xml version="1.0" encoding="{}"?><opml><outline text="é" xmlUrl="http://x.org/"/></opml>'
    )
    for encoding in ("utf-16", "iso-8859-1"):
        assert read_opml(text.format(encoding).encode(encoding))[0].title == "é"


def test_one_bad_byte_spoils_one_character_of_a_title() -> None:
    body = (
        b"<?xml version='1.0' encoding='utf-8'?><opml version='2.0'><body>"
        b"<outline text='Caf\xe9' xmlUrl='https://j.example.org/rss'/></body></opml>"
    )
    assert read_opml(body) == [Outline("https://j.example.org/rss", "Café")]
