"""What came where a feed should be is named."""

from __future__ import annotations

import pytest

from digest.ingest.sources.feed import describe_unreadable
from digest.ingest.sources.foreign_documents import name_document


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"%PDF-1.7 x", "a PDF file"),
        (b"\x89PNG\r\n", "a picture"),
        (b"PK\x03\x04...", "a ZIP archive, or a document of an office program"),
        (b"@article{lunt, title={On Roofs}}", "a bibliography in BibTeX"),
        (b"TY  - JOUR\nTI  - On Roofs", "a bibliography in RIS"),
        (b"<?xml version='1.0'?><!-- x --><opml version='2.0'><body/></opml>", "a list of feeds"),
        (b"<urlset><url/></urlset>", "a sitemap"),
        (b"<oai:OAI-PMH xmlns:oai='x'/>", "an answer of OAI-PMH"),
        (b"<article><front/></article>", "XML that begins with <article>"),
        (b"Too many requests, come back later", "plain text that begins with “Too many requests"),
        (b"\x01\x02garbage" * 99, ""),
        (b"", ""),
    ],
)
def test_a_document_is_named_by_how_it_begins(body: bytes, name: str) -> None:
    assert name_document(body).startswith(name)
    assert bool(name_document(body)) == bool(name)


def test_a_list_of_feeds_is_refused_with_what_reads_it() -> None:
    body = b"<opml version='2.0'><body><outline/></body></opml>"
    assert describe_unreadable(body, {"version": "", "entries": []}) == (
        "The answer is no feed in RSS, Atom or JSON, but a list of feeds in OPML: manage.py "
        "import_sources reads its file."
    )
