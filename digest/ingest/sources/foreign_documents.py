"""What came where a feed should be, told by how it begins."""

from __future__ import annotations

import re

# Of files: https://www.garykessler.net/library/file_sigs.html
_FILES = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive, or a document of an office program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xd0\xcf\x11\xe0", "a document of an office program"),
    (b"Rar!", "an archive of files"),
    (b"\x1f\x8b", "a compressed file"),
)
_TEXTS = (
    (re.compile(r"\s*@\w+\s*\{"), "a bibliography in BibTeX"),
    (re.compile(r"\s*TY  - "), "a bibliography in RIS"),
    (re.compile(r"\s*PMID- ?\d"), "a bibliography of PubMed"),
    (re.compile(r"\s*BEGIN:VCALENDAR"), "a calendar"),
)
_ELEMENTS = {
    "opml": "a list of feeds in OPML: manage.py import_sources reads its file",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap",
    "oai-pmh": "an answer of OAI-PMH",
    "svg": "a picture",
    "error": "an error in XML",
}
_FIRST_ELEMENT = re.compile(r"<(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)[\s/>]")


def name_document(body: bytes) -> str:
    """What a document is that is no feed, as "a PDF file"; "" where that cannot be told."""
    for start, name in _FILES:
        if body.startswith(start):
            return name
    text = body[:4000].decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    for pattern, name in _TEXTS:
        if pattern.match(text):
            return name
    if text.startswith("<"):
        found = _FIRST_ELEMENT.search(re.sub(r"<!--.*?-->|<[?!][^>]*>", "", text, flags=re.DOTALL))
        root = found[1] if found else ""
        return _ELEMENTS.get(root.lower(), f"XML that begins with <{root}>" if root else "")
    if not text or sum(not c.isprintable() and not c.isspace() for c in text) > len(text) // 20:
        return ""
    return f"plain text that begins with “{' '.join(text[:200].split())[:40].rstrip()}…”"
