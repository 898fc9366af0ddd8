"""One entry of a feed, whatever shape its publisher gave it: raw fields to a ParsedEntry.

No field is trusted to hold what its name says. The abstract is looked for among all texts, names,
DOI and date are taken from the text where no element has them, and markup is told by looking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from digest.identifiers import find_arxiv_number, find_doi, fold_title, identify, name_within
from digest.identifiers.arxiv_numbers import find_arxiv_version
from digest.identifiers.dois import find_doi_version
from digest.ingest.sources.dates import is_rough, read_date_text, read_seconds
from digest.ingest.sources.parsed import ParsedEntry
from digest.ingest.text.abstract import FoundAbstract, find_abstract, make_title, split_lines
from digest.ingest.text.citations import is_citation
from digest.ingest.text.clean import (
    CATEGORIES,
    CATEGORY_CHARS,
    TITLE_CHARS,
    clean_html,
    clean_tex,
    clean_text,
)
from digest.ingest.text.names import list_names

URL_CHARS = 1000
MADE_TITLE_CHARS = 100
RELATIONS = 5

# Publishers' own elements, by the last part of their names: prism:doi, dc:identifier, bibo:doi.
_DOI_NAMES = ("prism_doi", "dc_identifier", "arxiv_doi", "doi", "citation_doi", "prism_url")
_AUTHOR_NAMES = re.compile(r"(?:.*_)?(?:authors?|creators?|author_?(?:list|names?)|byline)")
_GIVEN_NAMES = re.compile(r"(?:.*_)?(?:given_?(?:names?)?|first_?names?|forenames?)")
_FAMILY_NAMES = re.compile(r"(?:.*_)?(?:family_?(?:names?)?|last_?names?|surnames?)")
_TEXT_NAMES = re.compile(
    r"(?:.*_)?(?:abstract|description|summary|content|teaser|encoded|text|body|snippet)"
)
_TITLE_NAMES = ("dc_title", "citation_title", "prism_title", "article_title")
_DATE_NAMES = (
    *("prism_publicationdate", "citation_publication_date", "dcterms_issued", "dcterms_date"),
    *("prism_coverdate", "prism_coverdisplaydate", "citation_date", "date", "publicationdate"),
    *("publication_date", "published", "publishdate", "coverdate", "year"),
)
HEAD_CHARS = 5000
_META = re.compile(r"<meta\s[^<>]{0,2000}>", re.IGNORECASE)
_META_AUTHOR = re.compile(
    r"\bname\s*=\s*[\"'](?:citation_author|dc\.creator|author)[\"']", re.IGNORECASE
)
_META_CONTENT = re.compile(r"\bcontent\s*=\s*([\"'])(.*?)\1", re.IGNORECASE | re.DOTALL)
# The same work elsewhere: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/
_RELATION_NAMES = re.compile(
    r"(?:.*_)?(?:isversionof|hasversion|isformatof|hasformat|ispreprintof|haspreprint|sameas"
    r"|relation|isreplacedby|replaces)"
)
# What some publishers put before their titles.
_SECTION = re.compile(
    r"^\[(?:ASAP|Articles?|Comment|Correspondence|Editorial|Review|Perspective|Viewpoint|News|Letter"
    r"|Research Articles?|Original Articles?|Seminar|Series|Personal View)\]\s*",
    re.IGNORECASE,
)
_NEWNESS = re.compile(r"^(?:REVISION|NEW|UPDATED?|(?i:reviewed preprint)):\s+")
_TAIL = re.compile(
    r"\s*\[version \d+; (?:peer )?review[^\]]*\]\s*$|"
    r"\s*[\[(](?i:open access|free access)[\])]\s*$|"
    r"\s*\(arXiv:\S+\s+\[[\w.-]+\][^)]*\)\s*$|\s*\[arXiv:\S+\]\s*$"
)


@dataclass(frozen=True)
class IdentifiedEntry:
    """A raw entry with its id in the feed, and its address, "" where it has none of its own."""

    raw: dict[str, Any]
    guid: str
    link: str


def parse_entry(
    identified: IdentifiedEntry, url: str, home: str, journal: str = ""
) -> ParsedEntry | None:
    """The entry; None where it has neither title nor text. `journal` is the feed's own title."""
    raw = identified.raw
    authors = list_names(_list_author_fields(raw))
    title = _drop_names(_find_title(raw), authors)
    found = find_abstract(_list_texts(raw), title, authors, journal)
    title = title or make_title(found.text, MADE_TITLE_CHARS)
    if not title:
        return None
    doi = _find_entry_doi(raw) or find_doi(found.doi)
    identifier = identify(identified.link, raw["id"], *_list_own(raw, _DOI_NAMES), doi=doi)
    if identifier.startswith("url:") and not identified.link:
        identifier = name_within(url, identified.guid)
    published_at, rough = _find_date(raw, found)
    return ParsedEntry(
        guid=identified.guid,
        identifier=identifier,
        title=title,
        url=identified.link or read_link(raw["link"], url) or home,
        abstract=found.text,
        authors=authors or list_names([found.authors]),
        doi=doi,
        relations=_list_relations(raw, identifier),
        version=_find_version(raw, identified.link),
        categories=_list_categories(raw),
        published_at=published_at,
        is_date_rough=rough,
        has_id=_has_id(raw),
    )


def read_link(link: str, url: str, *, must_be_whole: bool = False) -> str:
    """The link as an address on the web, or nothing."""
    link = clean_text(link, URL_CHARS * 4)
    try:
        whole = link if must_be_whole else urljoin(url, link)
        parts = urlsplit(whole)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return whole if link and usable and len(whole) <= URL_CHARS else ""


def _list_own(raw: dict[str, Any], names: Iterable[str]) -> Iterator[str]:
    """What stands in the publisher's own elements of these names."""
    for name in names:
        yield from raw["own"].get(name, ())


def _match_own(raw: dict[str, Any], names: re.Pattern[str]) -> Iterator[str]:
    for name, values in raw["own"].items():
        if names.fullmatch(name):
            yield from values


# -- title ---------------------------------------------------------------------------------------


def _find_title(raw: dict[str, Any]) -> str:
    """The title as a person would copy it: without the journal, volume and section before it."""
    title = _TAIL.sub("", read_plain(raw["title"]["text"], is_html=raw["title"]["is_html"]))
    title = _NEWNESS.sub("", _SECTION.sub("", title))
    for own in _list_own(raw, _TITLE_NAMES):
        plain = _SECTION.sub("", read_plain(own, is_html=False))
        if plain and (not title or _is_prefixed(title, plain)):
            return plain
    head, colon, rest = title.partition(": ")
    return rest if colon and len(rest) > 10 and _is_volume(head) else title


def _drop_names(title: str, authors: tuple[str, ...]) -> str:
    """The title without its authors: "Ada Lunt, Bo Karr: On Roofs", "On Roofs, by Ada Lunt"."""
    on, by, named = title.rpartition(", by ")
    if by and authors and list_names([named]) == authors:
        return on
    head, colon, rest = title.partition(": ")
    is_names = colon and len(rest) > 5 and authors and list_names([head]) == authors
    return rest if is_names else title


def _is_prefixed(title: str, plain: str) -> bool:
    """Whether a title is the plain one behind something else: the journal, the pages."""
    folded, tail = fold_title(title), fold_title(plain)
    return folded != tail and folded.endswith(f" {tail}") and len(tail) >= 10


_VOLUME = re.compile(r"\b(?:vol\.|volume|pages?|issue)\s*\d", re.IGNORECASE)


def _is_volume(head: str) -> bool:
    return bool(_VOLUME.search(head)) and is_citation(head)


def read_plain(text: str, *, is_html: bool, limit: int = TITLE_CHARS) -> str:
    """A field of one line as plain text; whether it is markup is looked at."""
    return clean_tex(" ".join(split_lines(text, is_html=is_html)), limit)


# -- texts, names and categories -------------------------------------------------------------------


def _list_texts(raw: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """All fields that may hold an abstract, with whether they say that they are markup."""
    for typed in (raw["summary"], *raw["contents"]):
        if typed["text"]:
            yield typed["text"], typed["is_html"]
    for text in _match_own(raw, _TEXT_NAMES):
        yield text, False


def _list_author_fields(raw: dict[str, Any]) -> list[str]:
    """What names the authors: the elements that are made for it, else the publisher's own."""
    given = [name for name in raw["authors"] if name.strip()]
    if raw["author"].count("@") > 1 == len(given):
        given = [raw["author"]]  # a@x.org (Ada Lunt), b@x.org (Bo Karr): feedparser parts one off
    if list_names(given):
        return given
    own = list(_match_own(raw, _AUTHOR_NAMES))
    return own if list_names(own) else _join_names_in_parts(raw) or _list_meta_authors(raw)


def _join_names_in_parts(raw: dict[str, Any]) -> list[str]:
    """Names of which the publisher has each part in an element of its own."""
    given, family = (list(_match_own(raw, names)) for names in (_GIVEN_NAMES, _FAMILY_NAMES))
    if len(given) != len(family):
        return []
    return [f"{one} {other}" for one, other in zip(given, family, strict=True)]


def _list_meta_authors(raw: dict[str, Any]) -> list[str]:
    """What a post that was copied with its page's head says there of its authors."""
    texts = (raw["summary"]["text"], *(content["text"] for content in raw["contents"]))
    tags = [tag for text in texts for tag in _META.findall(text[:HEAD_CHARS])]
    named = [tag for tag in tags if _META_AUTHOR.search(tag)]
    found = [content for tag in named if (content := _META_CONTENT.search(tag))]
    return [unescape(content[2]) for content in found]


def _list_categories(raw: dict[str, Any]) -> tuple[str, ...]:
    named = (clean_html(name, CATEGORY_CHARS) for name in raw["tags"])
    return tuple(dict.fromkeys(name for name in named if name))[:CATEGORIES]


# -- identity --------------------------------------------------------------------------------------


def _find_entry_doi(raw: dict[str, Any]) -> str:
    texts = (*_list_own(raw, _DOI_NAMES), raw["id"], raw["link"], *raw["links"])
    found = (find_doi(text) for text in texts)
    return next((doi for doi in found if doi and not find_arxiv_number(doi)), "")


def _list_relations(raw: dict[str, Any], identifier: str) -> tuple[str, ...]:
    """The arXiv numbers and DOIs under which the publisher says that the work stands elsewhere."""
    named = (identify("", doi=text) for text in _match_own(raw, _RELATION_NAMES))
    others = (name for name in named if not name.startswith("url:") and name != identifier)
    return tuple(dict.fromkeys(others))[:RELATIONS]


def _find_version(raw: dict[str, Any], link: str) -> int:
    texts = (raw["id"], link, *_list_own(raw, _DOI_NAMES))
    found = (find_arxiv_version(text) or find_doi_version(text) for text in texts)
    return next(filter(None, found), 0)


def _has_id(raw: dict[str, Any]) -> bool:
    """Whether the source names the entry by more than its address, which may carry a token."""
    return bool(raw["id"].strip()) and raw["id"].strip() != raw["link"].strip()


# -- date ------------------------------------------------------------------------------------------


def _find_date(raw: dict[str, Any], found: FoundAbstract) -> tuple[datetime | None, bool]:
    """The entry's date and whether it is rough: the first whole one of those it has."""
    texts = (
        *(raw["published_text"], raw["updated_text"]),
        *_list_own(raw, _DATE_NAMES),
        found.date,
    )
    read = [date for text in texts if (date := read_date_text(text))]
    if read:
        best = next((date for date in read if not date.is_rough), read[0])
        return best.moment, best.is_rough
    if raw["published_text"] or raw["updated_text"]:
        return None, False  # what feedparser read of it is a part
    moment = read_seconds(raw["published"]) or read_seconds(raw["updated"])
    return moment, bool(moment and is_rough(moment))
