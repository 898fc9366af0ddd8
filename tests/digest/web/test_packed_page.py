"""A packed page is the page that was rendered, with a stamp of the visitor's own."""

from __future__ import annotations

import gzip

import pytest
from django.test import RequestFactory

from digest.web.packed_page import PackedPage

PARTS = [b"<p>before " * 900, b" between ", b" behind</p>" * 900]
HEADERS = (("Content-Type", "text/html"), ("X-Frame-Options", "DENY"), ("ETag", "another's"))


@pytest.mark.parametrize("stamp", ["", "2.signed", "x" * 500])
@pytest.mark.parametrize("parts", [PARTS, PARTS[:1], [b"", b""]])
def test_it_reads_the_same_packed_and_plain(parts: list[bytes], stamp: str) -> None:
    page, whole = PackedPage.pack(parts, HEADERS, "2026-04-22"), stamp.encode().join(parts)
    plain = page.make_response(RequestFactory().get("/"), stamp)
    assert plain.content == whole
    packed = page.make_response(RequestFactory().get("/", HTTP_ACCEPT_ENCODING="br, gzip"), stamp)
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == whole
    for response in (plain, packed):
        assert response["Content-Length"] == str(len(response.content))
        assert response["Vary"] == "Accept-Encoding"
        assert response["X-Frame-Options"] == "DENY"
        assert response["ETag"] == page.etag


def test_a_browser_that_has_the_page_is_told_so_in_headers_alone() -> None:
    page = PackedPage.pack(PARTS, HEADERS, "2026-04-22")
    response = page.make_response(RequestFactory().get("/", HTTP_IF_NONE_MATCH=page.etag), "1")
    assert (response.status_code, response.content) == (304, b"")
    assert "Content-Type" not in response
    assert response["ETag"] == page.etag


def test_its_etag_tells_what_is_on_it_and_the_day_but_not_the_stamp() -> None:
    etags = {
        PackedPage.pack(parts, headers, day).etag
        for parts, headers, day in [
            (PARTS, HEADERS, "2026-04-22"),
            (PARTS, HEADERS, "2026-04-22"),
            (PARTS[:2], HEADERS, "2026-04-22"),
            (PARTS, HEADERS[:1], "2026-04-22"),
            (PARTS, HEADERS, "2026-04-23"),
        ]
    }
    assert len(etags) == 4
    assert all(etag.startswith('W/"') for etag in etags)  # its bytes differ by the stamp
