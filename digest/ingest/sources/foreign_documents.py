"""What came where a feed should be, told by how it begins."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Of files: https://www.garykessler.net/library/file_sigs.html
_FILES = (
    (b"%PDF", gettext_lazy("a PDF file")),
    (b"PK\x03\x04", gettext_lazy("a ZIP archive, or a document of an office program")),
    (b"\x89PNG", gettext_lazy("a picture")),
    (b"\xff\xd8\xff", gettext_lazy("a picture")),
    (b"GIF8", gettext_lazy("a picture")),
    (b"\xd0\xcf\x11\xe0", gettext_lazy("a document of an office program")),
    (b"Rar!", gettext_lazy("an archive of files")),
    (b"\x1f\x8b", gettext_lazy("a compressed file")),
)
_TEXTS = (
    (re.compile(r"\s*@\w+\s*\{"), gettext_lazy("a bibliography in BibTeX")),
    (re.compile(r"\s*TY  - "), gettext_lazy("a bibliography in RIS")),
    (re.compile(r"\s*PMID- ?\d"), gettext_lazy("a bibliography of PubMed")),
    (re.compile(r"\s*BEGIN:VCALENDAR"), gettext_lazy("a calendar")),
)
_ELEMENTS = {
    "opml": gettext_lazy("a list of feeds in OPML: manage.py import_sources reads its file"),
    "urlset": gettext_lazy("a sitemap"),
    "sitemapindex": gettext_lazy("a sitemap"),
    "oai-pmh": gettext_lazy("an answer of OAI-PMH"),
    "svg": gettext_lazy("a picture"),
    "error": gettext_lazy("an error in XML"),
}
_FIRST_ELEMENT = re.compile(r"<(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)[\s/>]")


def name_document(body: bytes) -> str:
    """What a document is that is no feed, as "a PDF file"; "" where that cannot be told."""
    for start, name in _FILES:
        if body.startswith(start):
            return str(name)
    text = body[:4000].decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    for pattern, name in _TEXTS:
        if pattern.match(text):
            return str(name)
    if text.startswith("<"):
        found = _FIRST_ELEMENT.search(re.sub(r"<!--.*?-->|<[?!][^>]*>", "", text, flags=re.DOTALL))
        root = found[1] if found else ""
        other = _("XML that begins with <%(root)s>") % {"root": root} if root else ""
        return str(_ELEMENTS.get(root.lower(), other))
    if not text or sum(not c.isprintable() and not c.isspace() for c in text) > len(text) // 20:
        return ""
    begin = " ".join(text[:200].split())[:40].rstrip()
    return _("plain text that begins with “%(begin)s…”") % {"begin": begin}
