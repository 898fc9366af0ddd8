"""Search all papers in the topic language, by name, by number or by address.

The database's index of words says which papers may hold what was typed, on PostgreSQL the catalogue
in memory first; whether one does is decided by `find`, a page at a time and in the order that was
asked for, so that a word in every paper costs no more than a rare one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import nlargest
from threading import Lock
from time import monotonic

from django.db.models import Q

from digest.identifiers import (
    find_arxiv_number,
    find_doi,
    fold_title,
    is_telling,
    normalise_url,
    read_arxiv_number,
)
from digest.match import candidates
from digest.match.candidates import CandidateFinder, Candidates
from digest.match.catalogue_cache import read_catalogue_version
from digest.match.learned import Learned
from digest.match.paper_text import read_columns, select_texts
from digest.match.process_cache import process_cache
from digest.match.word_index import finds_frequent_words_fast
from digest.models import Paper, PaperQuerySet
from subscribers.topics import (
    ParsedTopic,
    Reading,
    TopicError,
    find_topic,
    is_topic_in,
    parse_once,
)

MOST = 250  # papers shown of one search
QUERY_CHARS = 500  # a pasted address; a topic has its own limit
_AT_ONCE = 200
_REMEMBERED_SECONDS = 60
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


class _RunningSearch:
    """How far one search has been read: its later pages, and whoever repeats it, go on there."""

    def __init__(self, finder: CandidateFinder, order: Sequence[str]) -> None:
        self._finder, self._order = finder, order
        self._learned = Learned(acronyms=finder.acronyms)
        # The same for whichever page is asked for, so that those of two processes fit together.
        self._steps = candidates.list_steps(newest_first=order[0] == "-news_at")
        self._candidates: Sequence[Candidates] = ()
        self._ids, self._looked_at = list[int](), set[int]()
        self._count_of_candidates = 0
        self._matching, self._read = list[tuple[int, list[str]]](), 0
        self._lock = Lock()

    def _reach_on(self) -> bool:
        """Add the candidates of the next step behind those of the last; whether there was one."""
        if not self._steps:
            return False
        most = self._steps.pop(0)
        self._candidates = self._finder.find(most)
        ids = set[int]().union(*(one.papers for one in self._candidates))
        more = max(one.more for one in self._candidates)
        self._count_of_candidates = len(ids) + more
        if not more and len(ids) <= most:
            self._steps = []
        added = set(nlargest(most, ids)) - self._looked_at
        papers = Paper.objects.filter(pk__any_of=added, news_at__isnull=False)
        self._ids += papers.order_by(*self._order).values_list("pk", flat=True)
        self._looked_at |= added
        return True

    def take_first(self, wanted: int) -> list[tuple[int, list[str]]]:
        """The ids of so many papers that match, or of all there are, each with the found words."""
        with self._lock:
            missing = wanted - len(self._matching)
            size = missing + missing // 4  # as many as most searches need
            while len(self._matching) < wanted and (
                self._read < len(self._ids) or self._reach_on()
            ):
                chunk = self._ids[self._read : self._read + size]
                self._matching += _find_matching(chunk, self._candidates, self._learned)
                self._read += len(chunk)
                size = _AT_ONCE
            return self._matching[:wanted]

    def count_matches(self) -> tuple[int, bool]:
        """How many papers match, and whether that is exact."""
        matching, read_so_far, among = len(self._matching), self._read, len(self._ids)
        if (
            read_so_far == among
            and not self._steps
            and self._count_of_candidates <= candidates.REACH
        ):
            return matching, True
        # Of those beyond reach as many are taken to be news, and to match, as of the others.
        beyond = self._count_of_candidates / max(len(self._looked_at), 1)
        return max(matching, round(beyond * among * matching / max(read_so_far, 1))), False


def search_papers(query: str, order: Sequence[str], start: int, size: int) -> SearchResults:
    """Return papers from the `start`th on that hold the topic, in this order of their fields.

    Raises TopicError with a sentence for a query that is none.
    """
    search = _resume_or_begin(query, order)
    found = search.take_first(start + size + 1)[start : start + size]
    papers = Paper.objects.defer("normal_form", "folded_title").in_bulk([pk for pk, _ in found])
    matches = [PaperMatch(papers[pk], words) for pk, words in found if pk in papers]
    return SearchResults(matches, *search.count_matches())


def _resume_or_begin(query: str, order: Sequence[str]) -> _RunningSearch:
    """The same search of the last minute, where no paper has come since, or a new one."""
    topics, acronyms = parse_readings(query), process_cache.get_acronyms()
    state = None if finds_frequent_words_fast() else process_cache.get_ready_catalogue()
    version = process_cache.catalogue.version if state else read_catalogue_version()
    minute = monotonic() // _REMEMBERED_SECONDS
    key = (query, *order, version, process_cache.acronyms.version, minute)
    running: _RunningSearch | None = process_cache.searches.get(key)
    if running is None:
        statistics = process_cache.learned.value.statistics
        finder = CandidateFinder(topics, acronyms, statistics, state)
        running = _RunningSearch(finder, order)
        process_cache.searches.put(key, running)
    return running


def parse_readings(query: str) -> list[ParsedTopic]:
    """The topic as typed; and where it may be a name, the author of that name."""
    topic = parse_once(query)
    readings = [topic]
    if len(topic.wanted) == 1 and not topic.unwanted and not topic.wanted[0].field:
        with suppress(TopicError):
            readings.append(parse_once(f'author:"{topic.query.strip(chr(34))}"'))
    return readings


def _find_matching(
    ids: Sequence[int], found: Sequence[Candidates], learned: Learned
) -> Iterator[tuple[int, list[str]]]:
    """Those that hold one of the topics, each with the words by which it was found.

    Of a paper's columns only what the topics ask is read.
    """
    asked = [one.topic for one in found if one.papers]
    rows = {pk: columns for pk, *columns in select_texts(_select(ids), asked)}
    for pk in (pk for pk in ids if pk in rows):
        reading = read_columns(rows[pk], learned)
        if any(pk in one.papers and is_topic_in(one.topic, reading) for one in found):
            yield pk, _list_found_words(found, reading)


def _select(ids: Sequence[int]) -> PaperQuerySet:
    return Paper.objects.filter(pk__any_of=ids)


def _list_found_words(found: Sequence[Candidates], reading: Reading) -> list[str]:
    matches = [match for one in found if (match := find_topic(one.topic, reading))]
    return list(dict.fromkeys(word for one in matches for word in one.words))


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
