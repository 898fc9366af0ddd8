"""Search all papers in the topic language, by name, by number or by address.

The catalogue says which papers may hold what was typed; whether one does is decided by `find`, a
page at a time and in the order that was asked for, so that a word in every paper costs no more
than a rare one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import nlargest

from django.db.models import Q

from digest.identifiers import (
    find_arxiv_number,
    find_doi,
    fold_title,
    is_telling,
    normalise_url,
    read_arxiv_number,
)
from digest.match.kept import parse_once
from digest.match.matching import text_of
from digest.match.shelves import acronyms, at_hand
from digest.models import Paper
from subscribers.topics import Acronyms, ParsedTopic, TopicError, find, read

REACH = 1_000  # of what may hold it, the papers that came last
MOST = 250  # papers shown of one search
QUERY_CHARS = 500  # a pasted address; a topic has its own limit
_AT_ONCE = 40
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


def search(query: str, order: Sequence[str], start: int, size: int) -> Results:
    """Return papers from the `start`th on that hold the topic, in this order of their fields.

    Raises TopicError with a sentence for a query that is none.
    """
    topics = _readings_of(query)
    shelf, taught = at_hand(), acronyms()
    candidates = set().union(*(shelf.may_hold(topic, taught) for topic in topics))
    papers = Paper.objects.filter(pk__in=nlargest(REACH, candidates), news_at__isnull=False)
    ids = list(papers.order_by(*order).values_list("pk", flat=True))
    hits, seen = _first(start + size + 1, _find_among(ids, topics, taught))
    is_all = seen == len(ids) and len(candidates) <= REACH
    count = len(hits) if is_all else round(len(candidates) * len(hits) / seen)
    return Results(hits[start : start + size], max(count, len(hits)), is_all)


def _readings_of(query: str) -> list[ParsedTopic]:
    """The topic as typed; and where it may be a name, the author of that name."""
    topic = parse_once(query)
    readings = [topic]
    if len(topic.wanted) == 1 and not topic.unwanted and not topic.wanted[0].field:
        with suppress(TopicError):
            readings.append(parse_once(f'author:"{topic.query.strip(chr(34))}"'))
    return readings


def _first(wanted: int, found: Iterable[Hit | None]) -> tuple[list[Hit], int]:
    """So many hits, and how many papers had to be read for them."""
    hits, seen = list[Hit](), 0
    for hit in found:
        seen += 1
        hits += [hit] if hit else []
        if len(hits) == wanted:
            break
    return hits, seen


def _find_among(
    ids: Sequence[int], topics: Sequence[ParsedTopic], taught: Acronyms
) -> Iterator[Hit | None]:
    """For each paper in turn what was found in it, or None."""
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        papers = Paper.objects.defer("normal_form", "folded_title").in_bulk(chunk)
        for paper in (papers[pk] for pk in chunk if pk in papers):
            reading = read(text_of(paper), taught)
            found = [found for topic in topics if (found := find(topic, reading))]
            words = dict.fromkeys(word for one in found for word in one.words)
            yield Hit(paper, list(words)) if found else None


def look_up(text: str) -> Paper | None:
    """The one paper that an identifier, a number, an address or a whole title names."""
    names = list(_identifiers(text.strip()))
    by_name = Q(identifier__in=names)
    if doi := find_doi(text):
        by_name |= Q(doi=doi)
    if is_telling(title := fold_title(text)):
        by_name |= Q(folded_title=title)
    return Paper.objects.filter(by_name).order_by("pk").first()


def names_a_paper(text: str) -> bool:
    """Whether this is a number or an address and not words to search for."""
    return bool(list(_identifiers(text.strip())))


def _identifiers(text: str) -> Iterator[str]:
    if not text or " " in text:
        return
    is_address = text.lower().startswith(("http://", "https://", *_SCHEMES, "10."))
    if number := read_arxiv_number(text) or (find_arxiv_number(text) if is_address else ""):
        yield f"arxiv:{number}"
    if not is_address:
        return
    if doi := find_doi(text):
        yield f"doi:{doi}"
    yield text
    yield f"url:{normalise_url(text.removeprefix('url:'))}"
    if "/paper/" in text:  # the address of our own page
        yield text.partition("/paper/")[2].rstrip("/")
