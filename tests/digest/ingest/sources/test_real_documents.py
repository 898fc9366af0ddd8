"""Captured documents as they really came, each through its own adapter."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from digest.ingest import ingest_source
from digest.ingest.sources import arxiv, feed, huggingface
from digest.ingest.sources.parsed import Unreadable
from digest.models import Paper
from tests.factories import NOW, make_source
from tests.web_server import Answer, web_server

REAL = Path(
    os.environ.get("OFFPRINT_REAL", django_settings.BASE_DIR.parent / "shared" / "real")
).absolute()
CUT_OFF = "arxiv-rss/zotero-arxiv-daily_full_178k_atom.xml"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"The captured documents are absent: no {REAL}."),
]

# How many entries each holds; None: it is no feed at all, and a sentence says so.
ENTRIES: dict[str, dict[str, int | None]] = {
    "arxiv-api": {
        "id_0000.0000_s0_m100_8b51d9633a68.http200.xml": 0,
        "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.http200.xml": 1,
        "id_2104.12255v1_s0_m100_6ae69987ffe1.http200.xml": 1,
        "id_abc_s0_m100_b79c8dcf6bc3.http400.xml": None,
        "id_astro-ph_0601001_s0_m100_3150dca9dc76.http200.xml": 1,
        "q_testing_s0_m100_cfe7536492ca.http200.xml": 100,
    },
    "arxiv-rdf": {
        "physbiblio_hep-ex_2018-05-23.rdf": 3,
    },
    "arxiv-rss": {
        "allnewsai_arxiv_weekend_empty.xml": 0,
        "distill_arxiv_cs_cl.xml": 3,
        "zotero-arxiv-daily_arxiv_rss_example.xml": 7,
        "zotero-arxiv-daily_full_178k_atom.xml": 86,
    },
    "feeds/blogs": {
        "distill_bair_blog.xml": 3,
        "distill_deepmind_blog.xml": 3,
        "distill_huggingface_blog.xml": 3,
    },
    "feeds/miniflux": {
        "rdf_TestParseFeedWithURLWrappedInSpaces_1.xml": 1,
        "rdf_TestParseItemRelativeURL_1.xml": 1,
        "rdf_TestParseItemWithoutLink_1.xml": 1,
        "rdf_TestParseRDFFeedWithEmptyTitle_1.xml": 1,
        "rdf_TestParseRDFSampleWithDublinCore_1.xml": 1,
        "rdf_TestParseRDFSample_1.xml": 2,
        "testdata_encoding_invalid-prolog.xml": 1,
        "testdata_encoding_iso-8859-1.xml": 0,
        "testdata_encoding_koi8r.xml": 2,
        "testdata_encoding_utf8-incorrect-prolog.xml": 1,
        "testdata_encoding_utf8.xml": 1,
        "testdata_encoding_windows-1252-incorrect-prolog.xml": 0,
        "testdata_encoding_windows-1252.xml": 0,
        "testdata_parser_encoding_ISO-8859-1.xml": 40,
        "testdata_parser_encoding_WINDOWS-1251.xml": 50,
        "testdata_parser_large_atom.xml": 25,
        "testdata_parser_large_rss.xml": 25,
        "testdata_parser_no_encoding_ISO-8859-1.xml": 9,
        "testdata_parser_rdf_UTF8.xml": 60,
        "testdata_parser_small_atom.xml": 20,
        "testdata_parser_urdu_UTF8.xml": 26,
        "testdata_xml_iso88591.xml": None,
        "testdata_xml_iso88591_utf8_mismatch.xml": None,
        "testdata_xml_koi8r.xml": 2,
        "xml_TestXMLDocumentWindows251EncodedWithIllegalCharacters_1.xml": 0,
        "xml_TestXMLDocumentWithISO88591Encoding_1.xml": 0,
        "xml_TestXMLDocumentWithIncorrectEncodingField_1.xml": 0,
    },
    "feeds/rss-parser": {
        "atom-customfields.atom": 15,
        "content-encoded.rss": 7,
        "craigslist.rss": 25,
        "customfields.rss": 15,
        "encoding.rss": 40,
        "feedburner.atom": 25,
        "guardian.rss": 55,
        "gulp-atom.atom": 10,
        "heise.atom": 15,
        "heraldsun.rss": 2,
        "incomplete-fields.atom": 0,
        "instant-article.rss": 1,
        "item-itunes-episodeType.rss": 1,
        "itunes-category.rss": 1,
        "itunes-href.rss": 10,
        "itunes-keywords-array.rss": 1,
        "itunes-keywords-astext.rss": 32,
        "itunes-keywords.rss": 1,
        "itunes-missing-image.rss": 130,
        "many-links.rss": 25,
        "missing-fields.atom": 0,
        "narro.rss": 1,
        "pagination-links.rss": 1,
        "reddit-atom.rss": 24,
        "reddit-home.rss": 24,
        "reddit.rss": 24,
        "rss-1.rss": 69,
        "unrecognized.rss": None,
        "uolNoticias.rss": 15,
        "xml2js-options.rss": 69,
    },
    "hf": {
        "daily_papers_2026-06-12.json": 30,
    },
}
DOCUMENTS = [
    (f"{folder}/{name}", n) for folder, names in ENTRIES.items() for name, n in names.items()
]
# Each is read in a process of its own: of those that have their like, `make test` reads a third.
DOCUMENTS_IN_TURN = [
    document if n % 3 == 0 else pytest.param(*document, marks=pytest.mark.thorough)
    for n, document in enumerate(DOCUMENTS)
]


def parse(name):
    body = (REAL / name).read_bytes()
    if name.startswith("hf/"):
        return huggingface.parse_document(body, date(2026, 6, 12))
    adapter = arxiv if name.startswith("arxiv") else feed
    return adapter.parse_document(body, "https://example.org/feed")


@pytest.mark.parametrize(("name", "count"), DOCUMENTS_IN_TURN)
def test_every_document_is_read_or_says_why_not(name, count):
    if count is None:
        with pytest.raises(Unreadable, match=r"\w+ .+\.") as caught:
            parse(name)
        assert "takes more than" not in str(caught.value)  # it is no hang that was ended
    else:
        document = parse(name)
        assert len(document.entries) == count
        assert all(entry.guid and entry.title and entry.identifier for entry in document.entries)
        assert document.is_whole == (name != CUT_OFF)


def test_documents_beside_these_are_read_or_refused_in_a_sentence():
    folders = ["arxiv-api", "arxiv-rdf", "arxiv-rss", "feeds"]
    there = {
        str(p.relative_to(REAL)) for f in folders for p in (REAL / f).rglob("*") if p.is_file()
    }
    for name in sorted(there - {name for name, _ in DOCUMENTS}):
        with suppress(Unreadable):
            parse(name)  # anything else that is raised is a bug


@pytest.mark.django_db
def test_a_download_cut_off_keeps_its_whole_entries_and_no_validators(settings):
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    body = (REAL / CUT_OFF).read_bytes()
    with web_server() as server:
        settings.OFFPRINT_ARXIV_URL = server.url
        server.give("/atom/cs.AI", Answer(body, headers={"ETag": '"cut"', "Last-Modified": "x"}))
        source = make_source(kind="arxiv", url="https://rss.arxiv.org/atom/cs.AI")
        ingest_source(source.pk, NOW)
    source.refresh_from_db()
    assert (Paper.objects.count(), source.state) == (86, "partial")
    assert (source.etag, source.last_modified) == ("", "")
