"""DOIs, as they stand in links, guids and the fields of feeds: https://www.doi.org/doi-handbook."""

from __future__ import annotations

import re
from urllib.parse import unquote

from digest.identifiers.preprint_servers import drop_version, read_version

DOI_CHARS = 251

_DOI = re.compile(r"(?<![\w.])(10\.\d{4,9}(?:\.\d+)*/[^\s\x00-\x1f\x7f-\x9f\"<>{}|\\^`]+)")
# A serial item and contribution identifier, in which angle brackets stand for themselves:
# "10.1002/(SICI)…49:8<693::AID-ASI4>3.0.CO;2-O", https://www.niso.org/publications/z39.56-1996-r2002
_SICI = re.compile(
    r"(?<![\w.])(10\.\d{4,9}/[^\s\"<>]{1,80}<[^\s\"<>]{1,40}>\d\.\d\.[a-z]{2};\d(?:-[\w#])?)",
    re.IGNORECASE,
)
# What publishers put behind a DOI in the addresses of their pages.
_AFTER_DOI = re.compile(
    r"(?:[?#&].*|;jsessionid.*"
    r"|/(?:full|abstract|pdf|epub|epdf|meta|html|xml|fulltext|summary|tables|references)(?:/.*)?"
    r"|\.(?:full|abstract|pdf|html|short|xml)(?:[.+].*)?)$",
    re.IGNORECASE,
)


def find_doi(text: str) -> str:
    """The DOI that a link, guid or metadata field names, in lower case, or nothing.

    Of a preprint's DOI the version is taken off.
    """
    return drop_version(_find_written_doi(text))


def find_doi_version(text: str) -> int:
    """The version of a preprint that its DOI names in this text; 0 where there is none."""
    return read_version(_find_written_doi(text))


def _find_written_doi(text: str) -> str:
    if "10." not in text:
        return ""
    unquoted = unquote(text)
    if sici := _SICI.search(unquoted) if "<" in unquoted else None:
        return sici[1].lower()
    found = _DOI.search(unquoted)
    if not found:
        return ""
    doi = _AFTER_DOI.sub("", found[1].lower()).rstrip(".,;:'’”/")
    while _has_stray_bracket(doi):
        doi = doi[:-1]
    return doi if len(doi) <= DOI_CHARS and doi.partition("/")[2] else ""


def _has_stray_bracket(doi: str) -> bool:
    """A bracket at the end that was not opened belongs to the sentence around the DOI."""
    return (doi.endswith(")") and doi.count("(") < doi.count(")")) or (
        doi.endswith("]") and doi.count("[") < doi.count("]")
    )
