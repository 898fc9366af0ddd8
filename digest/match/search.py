"""Search all papers in the topic language, by name, by number or by address.

The catalogue in memory says which of the newest papers may hold what was typed, and the database's
index of words which of the others; whether one does is decided by `find`, a page at a time and in
the order that was asked for, so that a word in every paper costs no more than a rare one.
"""

from __future__ import annotations

import re
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
from digest.match.catalogue_cache import CatalogueState, read_catalogue_version
from digest.match.paper_text import paper_to_text
from digest.match.process_cache import process_cache
from digest.match.word_index import find_newest
from digest.models import Paper
from subscribers.topics import (
    Acronyms,
    ParsedTopic,
    Term,
    Text,
    TopicError,
    find_topic,
    is_topic_in,
    parse_once,
    read_text,
)

REACH = 1_000  # of the candidates, the papers that came last
MOST = 250  # papers shown of one search
QUERY_CHARS = 500  # a pasted address; a topic has its own limit
_AT_ONCE = 200
_REMEMBERED_SECONDS = 60
_COLUMNS = {"author": "authors", "org": "organization", "cat": "categories"}
_ONE_SLASH = re.compile("^(https?:)/(?=[^/])")  # what proxies make of an address in an address
_SCHEMES = ("arxiv:", "doi:", "url:")


@dataclass(frozen=True)
class PaperMatch:
    """A paper, and the words in it that were searched for."""

    paper: Paper
    words: list[str]


@dataclass(frozen=True)
class SearchResults:
    """Some of the papers that match, and how many there are: `is_exact` says whether surely."""

    matches: list[PaperMatch]
    count: int
    is_exact: bool


@dataclass(frozen=True)
class _Candidates:
    """One way to read what was typed, the ids of papers that may hold it, and how many more may."""

    topic: ParsedTopic
    papers: set[int]
    more: int = 0


class _RunningSearch:
    """How far one search has been read: its later pages, and whoever repeats it, go on there."""

    def __init__(
        self, candidates: Sequence[_Candidates], order: Sequence[str], acronyms: Acronyms
    ) -> None:
        ids = set().union(*(one.papers for one in candidates))
        papers = Paper.objects.filter(pk__in=nlargest(REACH, ids), news_at__isnull=False)
        self._ids = list(papers.order_by(*order).values_list("pk", flat=True))
        self.candidates = [
            _Candidates(one.topic, one.papers.intersection(self._ids)) for one in candidates
        ]
        self.acronyms = acronyms
        self._count_of_candidates = len(ids) + max(one.more for one in candidates)
        self._matching, self._read = list[int](), 0
        self._lock = Lock()

    def take_first(self, wanted: int) -> list[int]:
        """The ids of so many papers that match, or of all there are."""
        with self._lock:
            missing = wanted - len(self._matching)
            size = missing + missing // 4  # as many as most searches need
            while len(self._matching) < wanted and self._read < len(self._ids):
                chunk = self._ids[self._read : self._read + size]
                self._matching += _filter_matching(chunk, self.candidates, self.acronyms)
                self._read += len(chunk)
                size = _AT_ONCE
            return self._matching[:wanted]

    def count_matches(self) -> tuple[int, bool]:
        """How many papers match, and whether that is exact."""
        matching, read_so_far, among = len(self._matching), self._read, len(self._ids)
        if read_so_far == among and self._count_of_candidates <= REACH:
            return matching, True
        # Of those beyond reach as many are taken to be news, and to match, as of the others.
        beyond = self._count_of_candidates / min(self._count_of_candidates, REACH)
        return max(matching, round(beyond * among * matching / max(read_so_far, 1))), False


def search_papers(query: str, order: Sequence[str], start: int, size: int) -> SearchResults:
    """Return papers from the `start`th on that hold the topic, in this order of their fields.

    Raises TopicError with a sentence for a query that is none.
    """
    search = _resume_or_begin(query, order)
    ids = search.take_first(start + size + 1)[start : start + size]
    matches = list(_explain_matches(ids, search.candidates, search.acronyms))
    return SearchResults(matches, *search.count_matches())


def _resume_or_begin(query: str, order: Sequence[str]) -> _RunningSearch:
    """The same search of the last minute, where no paper has come since, or a new one."""
    topics, acronyms = _parse_readings(query), process_cache.get_acronyms()
    state = process_cache.get_ready_catalogue()
    version = process_cache.catalogue.version if state else read_catalogue_version()
    minute = monotonic() // _REMEMBERED_SECONDS
    key = (query, *order, version, process_cache.acronyms.version, minute)
    running: _RunningSearch | None = process_cache.searches.get(key)
    if running is None:
        candidates = [_find_candidates(topic, acronyms, state) for topic in topics]
        running = _RunningSearch(candidates, order, acronyms)
        process_cache.searches.put(key, running)
    return running


def _find_candidates(
    topic: ParsedTopic, acronyms: Acronyms, state: CatalogueState | None
) -> _Candidates:
    """The papers that may hold the topic, as far as REACH goes."""
    if state is None:
        found = find_newest(topic, acronyms, REACH)
        return _Candidates(topic, set(found.ids), found.more)
    ids = state.catalogue.find_candidate_ids(topic, acronyms)
    if not state.papers_beyond or len(ids) >= REACH:
        # Of those that came before, as many are taken to hold it.
        return _Candidates(topic, ids, len(ids) * state.papers_beyond // len(state.catalogue))
    found = find_newest(topic, acronyms, REACH - len(ids), state.beyond)
    return _Candidates(topic, ids.union(found.ids), found.more)


def _parse_readings(query: str) -> list[ParsedTopic]:
    """The topic as typed; and where it may be a name, the author of that name."""
    topic = parse_once(query)
    readings = [topic]
    if len(topic.wanted) == 1 and not topic.unwanted and not topic.wanted[0].field:
        with suppress(TopicError):
            readings.append(parse_once(f'author:"{topic.query.strip(chr(34))}"'))
    return readings


def _filter_matching(
    ids: Sequence[int], candidates: Sequence[_Candidates], acronyms: Acronyms
) -> list[int]:
    """Those that hold one of the topics; of a paper's columns only what these ask is read."""
    fields = {term.field for one in candidates if one.papers for term in _list_terms(one.topic)}
    columns = ["title", "abstract", *(_COLUMNS[field] for field in _COLUMNS.keys() & fields)]
    rows = {row["pk"]: row for row in Paper.objects.filter(pk__in=ids).values("pk", *columns)}
    readings = {pk: read_text(_row_to_text(rows[pk]), acronyms) for pk in ids if pk in rows}
    return [
        pk
        for pk, reading in readings.items()
        if any(pk in one.papers and is_topic_in(one.topic, reading) for one in candidates)
    ]


def _list_terms(topic: ParsedTopic) -> Iterator[Term]:
    yield from (*topic.wanted, *topic.unwanted)


def _row_to_text(row: Mapping[str, Any]) -> Text:
    authors, categories = (tuple(map(str, row.get(name, ()))) for name in ("authors", "categories"))
    return Text(row["title"], row["abstract"], authors, row.get("organization", ""), categories)


def _explain_matches(
    ids: Sequence[int], candidates: Sequence[_Candidates], acronyms: Acronyms
) -> Iterator[PaperMatch]:
    """The papers that are shown, with the words by which each was found."""
    papers = Paper.objects.defer("normal_form", "folded_title").in_bulk(ids)
    for paper in (papers[pk] for pk in ids if pk in papers):
        reading = read_text(paper_to_text(paper), acronyms)
        matches = [match for one in candidates if (match := find_topic(one.topic, reading))]
        yield PaperMatch(paper, list(dict.fromkeys(word for one in matches for word in one.words)))


def find_paper_by_name(text: str) -> Paper | None:
    """The one paper that an identifier, a number, an address or a whole title names."""
    by_name = _match_names(text)
    if is_telling(title := fold_title(text)):
        by_name |= Q(folded_title=title)
    return Paper.objects.filter(by_name).order_by("pk").first()


def find_paper_by_identifier(text: str) -> Paper | None:
    """The one paper of this identifier, number or address, in whatever spelling."""
    exactly = Paper.objects.filter(identifier=text).first()
    return exactly or Paper.objects.filter(_match_names(text)).order_by("pk").first()


def _match_names(text: str) -> Q:
    by_name = Q(identifier__in=list(_list_identifiers(text.strip())))
    return by_name | Q(doi=doi) if (doi := find_doi(text)) else by_name


def read_identifier(text: str) -> str:
    """The identifier that a number, a DOI or an address of one stands for, or ""."""
    return next(_list_registered_identifiers(text.strip()), "")


def names_a_paper(text: str) -> bool:
    """Whether this is a number or an address and not words to search for."""
    return bool(list(_list_identifiers(text.strip())))


def _list_identifiers(text: str) -> Iterator[str]:
    text = _ONE_SLASH.sub(r"\1//", text)
    yield from _list_registered_identifiers(text)
    if not _is_address(text):
        return
    yield text
    yield f"url:{normalise_url(text.removeprefix('url:'))}"
    if "/paper/" in text:  # the address of our own page
        yield text.partition("/paper/")[2].rstrip("/")


def _list_registered_identifiers(text: str) -> Iterator[str]:
    """The arXiv number and the DOI in a text, as identifiers."""
    number = read_arxiv_number(text)
    if _is_address(text):
        number = number or find_arxiv_number(text)
    if number:
        yield f"arxiv:{number}"
    if _is_address(text) and (doi := find_doi(text)):
        yield f"doi:{doi}"


def _is_address(text: str) -> bool:
    return " " not in text and text.lower().startswith(("http:", "https:", *_SCHEMES, "10."))
