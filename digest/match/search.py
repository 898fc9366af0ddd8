"""Search all papers in the topic language, by name, by number or by address.

The catalogue says which papers may hold what was typed; whether one does is decided by `find`, a
page at a time and in the order that was asked for, so that a word in every paper costs no more
than a rare one.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import nlargest
from threading import Lock
from time import monotonic
from typing import Any

from django.db.models import Q

from digest.identifiers import (
    find_arxiv_number,
    find_doi,
    fold_title,
    is_telling,
    normalise_url,
    read_arxiv_number,
)
from digest.match.catalogue_cache import acronyms, at_hand, state
from digest.match.index_cache import parse_once
from digest.match.stage import text_of
from digest.models import Paper
from subscribers.topics import Acronyms, ParsedTopic, Term, Text, TopicError, find, is_in, read

REACH = 1_000  # of what may hold it, the papers that came last
MOST = 250  # papers shown of one search
QUERY_CHARS = 500  # a pasted address; a topic has its own limit
_AT_ONCE = 200
_KEPT, _KEPT_SECONDS = 64, 60  # searches a process remembers, and how long
_COLUMNS = {"author": "authors", "org": "organization", "cat": "categories"}
_ONE_SLASH = re.compile("^(https?:)/(?=[^/])")  # what proxies make of an address in an address
_SCHEMES = ("arxiv:", "doi:", "url:")


@dataclass(frozen=True)
class Hit:
    """A paper, and the words in it that were looked for."""

    paper: Paper
    words: list[str]


@dataclass(frozen=True)
class Results:
    """Some of what was found, and how much there is: `is_all` says that `count` is exact."""

    hits: list[Hit]
    count: int
    is_all: bool


NOTHING = Results([], 0, is_all=True)


@dataclass(frozen=True)
class _Sought:
    """One reading of what was typed, and the papers that may hold it."""

    topic: ParsedTopic
    papers: set[int]


class _Progress:
    """How far one search has been read: its later pages, and whoever repeats it, go on there."""

    def __init__(self, sought: Sequence[_Sought], order: Sequence[str], taught: Acronyms) -> None:
        candidates = set().union(*(one.papers for one in sought))
        papers = Paper.objects.filter(pk__in=nlargest(REACH, candidates), news_at__isnull=False)
        self._ids = list(papers.order_by(*order).values_list("pk", flat=True))
        self.sought = [_Sought(one.topic, one.papers.intersection(self._ids)) for one in sought]
        self.taught = taught
        self._candidates = len(candidates)
        self._held, self._seen = list[int](), 0
        self._lock = Lock()

    def first(self, wanted: int) -> list[int]:
        """So many papers that hold it, or all there are."""
        with self._lock:
            missing = wanted - len(self._held)
            size = missing + missing // 4  # as many as most searches need
            while len(self._held) < wanted and self._seen < len(self._ids):
                chunk = self._ids[self._seen : self._seen + size]
                self._held += _held(chunk, self.sought, self.taught)
                self._seen += len(chunk)
                size = _AT_ONCE
            return self._held[:wanted]

    def count(self) -> tuple[int, bool]:
        """How many there are, and whether that is exact."""
        held, seen, among = len(self._held), self._seen, len(self._ids)
        if seen == among and self._candidates <= REACH:
            return held, True
        # Of those beyond reach as many are taken to be news, and to hold it, as of the others.
        beyond = self._candidates / min(self._candidates, REACH)
        return max(held, round(beyond * among * held / max(seen, 1))), False


_lately: OrderedDict[object, _Progress] = OrderedDict()


def search(query: str, order: Sequence[str], start: int, size: int) -> Results:
    """Return papers from the `start`th on that hold the topic, in this order of their fields.

    Raises TopicError with a sentence for a query that is none.
    """
    progress = _progress(query, order)
    held = progress.first(start + size + 1)
    hits = list(_show(held[start : start + size], progress.sought, progress.taught))
    return Results(hits, *progress.count())


def _progress(query: str, order: Sequence[str]) -> _Progress:
    """A search of the last minute, where no paper has come since, or a new one."""
    readings, shelf, taught = _readings_of(query), at_hand(), acronyms()
    key = (query, *order, state(), monotonic() // _KEPT_SECONDS)
    if kept := _lately.get(key):
        return kept
    sought = [_Sought(topic, shelf.may_hold(topic, taught)) for topic in readings]
    _lately[key] = progress = _Progress(sought, order, taught)
    while len(_lately) > _KEPT:
        with suppress(KeyError):  # another thread took it
            _lately.popitem(last=False)
    return progress


def _readings_of(query: str) -> list[ParsedTopic]:
    """The topic as typed; and where it may be a name, the author of that name."""
    topic = parse_once(query)
    readings = [topic]
    if len(topic.wanted) == 1 and not topic.unwanted and not topic.wanted[0].field:
        with suppress(TopicError):
            readings.append(parse_once(f'author:"{topic.query.strip(chr(34))}"'))
    return readings


def _held(ids: Sequence[int], sought: Sequence[_Sought], taught: Acronyms) -> list[int]:
    """Those that hold one of them; of a paper's columns only what they ask is read."""
    fields = {term.field for one in sought if one.papers for term in _terms(one.topic)}
    columns = ["title", "abstract", *(_COLUMNS[field] for field in _COLUMNS.keys() & fields)]
    rows = {row["pk"]: row for row in Paper.objects.filter(pk__in=ids).values("pk", *columns)}
    readings = {pk: read(_text(rows[pk]), taught) for pk in ids if pk in rows}
    return [
        pk
        for pk, reading in readings.items()
        if any(pk in one.papers and is_in(one.topic, reading) for one in sought)
    ]


def _terms(topic: ParsedTopic) -> Iterator[Term]:
    yield from (*topic.wanted, *topic.unwanted)


def _text(row: Mapping[str, Any]) -> Text:
    authors, categories = (tuple(map(str, row.get(name, ()))) for name in ("authors", "categories"))
    return Text(row["title"], row["abstract"], authors, row.get("organization", ""), categories)


def _show(ids: Sequence[int], sought: Sequence[_Sought], taught: Acronyms) -> Iterator[Hit]:
    """The papers that are shown, with the words by which each was found."""
    papers = Paper.objects.defer("normal_form", "folded_title").in_bulk(ids)
    for paper in (papers[pk] for pk in ids if pk in papers):
        reading = read(text_of(paper), taught)
        found = [found for one in sought if (found := find(one.topic, reading))]
        yield Hit(paper, list(dict.fromkeys(word for one in found for word in one.words)))


def look_up(text: str) -> Paper | None:
    """The one paper that an identifier, a number, an address or a whole title names."""
    by_name = _named(text)
    if is_telling(title := fold_title(text)):
        by_name |= Q(folded_title=title)
    return Paper.objects.filter(by_name).order_by("pk").first()


def find_named(text: str) -> Paper | None:
    """The one paper of this identifier, number or address, in whatever spelling."""
    exactly = Paper.objects.filter(identifier=text).first()
    return exactly or Paper.objects.filter(_named(text)).order_by("pk").first()


def _named(text: str) -> Q:
    by_name = Q(identifier__in=list(_identifiers(text.strip())))
    return by_name | Q(doi=doi) if (doi := find_doi(text)) else by_name


def true_name(text: str) -> str:
    """The identifier that a number, a DOI or an address of one stands for, or nothing."""
    return next(_true_names(text.strip()), "")


def names_a_paper(text: str) -> bool:
    """Whether this is a number or an address and not words to search for."""
    return bool(list(_identifiers(text.strip())))


def _identifiers(text: str) -> Iterator[str]:
    text = _ONE_SLASH.sub(r"\1//", text)
    yield from _true_names(text)
    if not _is_address(text):
        return
    yield text
    yield f"url:{normalise_url(text.removeprefix('url:'))}"
    if "/paper/" in text:  # the address of our own page
        yield text.partition("/paper/")[2].rstrip("/")


def _true_names(text: str) -> Iterator[str]:
    number = read_arxiv_number(text)
    if _is_address(text):
        number = number or find_arxiv_number(text)
    if number:
        yield f"arxiv:{number}"
    if _is_address(text) and (doi := find_doi(text)):
        yield f"doi:{doi}"


def _is_address(text: str) -> bool:
    return " " not in text and text.lower().startswith(("http:", "https:", *_SCHEMES, "10."))
