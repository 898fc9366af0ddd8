"""Feeds out of an OPML file, as feed readers export them, and into one.

The format: http://opml.org/spec2.opml.

A document type, and with it every entity, is refused before anything of it is read: expanding
entities can fill the memory (https://docs.python.org/3/library/xml.html#xml-vulnerabilities).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.entities import html5
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from django.utils.translation import gettext as _

from digest.ingest.sources.charset import convert_to_utf8

BYTES = 2_000_000
OUTLINES = 5000
DEEPEST = 50
# Feed readers write addresses as they are: x.php?subject=a&sort=b.
_BARE_AMPERSAND = re.compile(rb"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z]\w{1,31};)")
_NAMED = re.compile(rb"&([A-Za-z]\w{1,31};)")
_XML_NAMES = {b"amp;", b"lt;", b"gt;", b"quot;", b"apos;"}


class NotOpml(Exception):
    """The file holds no outlines to read; the message is a sentence."""


@dataclass(frozen=True)
class Outline:
    """One feed: its address as it stands, and its title ("" where it has none)."""

    url: str
    title: str


def read_opml(body: bytes) -> list[Outline]:
    """Every outline with an address, however deep, in the file's order. Raises NotOpml."""
    if len(body) > BYTES:
        raise NotOpml(
            _("It is larger than %(size)s MB; no list of feeds is.") % {"size": BYTES // 1_000_000}
        )
    reader = _OutlineReader()
    try:
        reader.parser.Parse(_mend_ampersands(convert_to_utf8(body)), True)
    except expat.ExpatError as error:
        raise NotOpml(_("It is no well-formed XML: %(error)s.") % {"error": error}) from error
    if not reader.is_opml:
        raise NotOpml(_("Its first element is not <opml>."))
    return reader.outlines


def write_opml(outlines: Iterable[Outline]) -> str:
    """An OPML file of these feeds, which `read_opml` reads as the same."""
    lines = [
        f'    <outline type="rss" text={quoteattr(one.title)} title={quoteattr(one.title)}'
        f" xmlUrl={quoteattr(one.url)}/>\n"
        for one in outlines
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>\n'
        f"    <title>Sources</title>\n  </head>\n  <body>\n{''.join(lines)}  </body>\n</opml>\n"
    )


def _mend_ampersands(body: bytes) -> bytes:
    """The file with bare ampersands escaped and HTML's names of signs as numbers: &nbsp;"""
    if b"\0" in body[:200]:  # UTF-16, in which each sign has a zero
        return body
    return _NAMED.sub(_number_name, _BARE_AMPERSAND.sub(b"&amp;", body))


def _number_name(named: re.Match[bytes]) -> bytes:
    name = named[1]
    signs = "" if name in _XML_NAMES else html5.get(name.decode("ascii", "replace"), "")
    return "".join(f"&#{ord(sign)};" for sign in signs).encode() or named[0]


class _OutlineReader:
    def __init__(self) -> None:
        self.outlines: list[Outline] = []
        self.is_opml = False
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._open_element
        self.parser.EndElementHandler = self._close_element
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    def _refuse_doctype(self, *_unused: object) -> None:
        raise NotOpml(_("It has a document type, in which entities could hide. Remove that line."))

    def _open_element(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.is_opml = name.lower() == "opml"
        if self._depth > DEEPEST or len(self.outlines) > OUTLINES:
            raise NotOpml(_("It holds far more, or far deeper, outlines than a person collects."))
        given = {key.lower(): value.strip() for key, value in attributes.items()}
        url = given.get("xmlurl", "")
        if not url and given.get("type", "").lower() in ("rss", "atom"):
            url = given.get("url", "")  # as some readers write it
        if name.lower() == "outline" and url:
            self.outlines.append(Outline(url, given.get("title") or given.get("text", "")))

    def _close_element(self, _name: str) -> None:
        self._depth -= 1
