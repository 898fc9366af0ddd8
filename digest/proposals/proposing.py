"""From what was pasted to topics with their volumes, each with the reason it is proposed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from digest.match.kept import learn
from digest.match.recent import Recent, recent_papers
from digest.match.volumes import Volume, volume
from digest.models import Paper
from digest.proposals.addresses import Named, is_addresses, read_addresses
from digest.proposals.bibtex import BibEntry, is_bibtex, read_bibtex
from digest.proposals.telling import telling_phrases
from subscribers.topics import NO_ACRONYMS, ParsedTopic, Statistics, Text, TopicError, find, parse

MOST_CHARS = 300_000
_NO_WORD = re.compile(r"\0|[^\W_]{100,}")
MOST = 20  # proposals
TICKED = 8
MANY_A_DAY = 15.0  # above it a topic is proposed, but not ticked
_SAMPLE = 100  # papers of a category
_FEWEST_ENTRIES = 3  # that make an author somebody to follow
_MOST_AUTHORS = 5


class NothingProposed(ValueError):
    """Nothing can be made of what was pasted; its text says why, and what to paste."""


@dataclass(frozen=True)
class Proposal:
    """A topic, why it is proposed, and what it would bring."""

    query: str
    reason: str
    volume: Volume
    is_ticked: bool


@dataclass(frozen=True)
class Proposals:
    """What was understood, in a sentence, the topics, and sentences about what is not known."""

    read_as: str
    topics: list[Proposal]
    notes: list[str]


@dataclass(frozen=True)
class _Stored:
    """What the proposals are weighed against."""

    recent: Recent
    statistics: Statistics


@dataclass(frozen=True)
class _Draft:
    """Topics with their reasons, before they are counted."""

    read_as: str
    topics: list[tuple[str, str]]
    notes: tuple[str, ...] = ()


def propose(text: str, now: datetime) -> Proposals:
    """Return up to 20 topics for what was pasted; those worth it are ticked.

    Raises NothingProposed with a sentence where there is nothing to go by.
    """
    if len(text) > MOST_CHARS:
        raise NothingProposed(
            f"That is {len(text):,} characters, and {MOST_CHARS:,} is the most: paste a part of it."
        )
    stored = _Stored(recent_papers(now), learn(now).statistics)
    draft = _draft(_NO_WORD.sub(" ", text).strip(), stored)
    topics = _counted(draft.topics, now)
    if not topics:
        raise NothingProposed(
            " ".join(draft.notes)
            or "Nothing in it stands out: paste an abstract, some titles, or a BibTeX file."
        )
    return Proposals(draft.read_as, topics, list(draft.notes))


def _draft(text: str, stored: _Stored) -> _Draft:
    if not text:
        raise NothingProposed("Paste something first: an abstract, a BibTeX file or an address.")
    if is_addresses(text):
        return _of_named(read_addresses(text), stored)
    if is_bibtex(text):
        return _of_entries(read_bibtex(text), stored)
    phrases = _telling([text], stored, MOST)
    return _Draft("a text", [(phrase, f"said {_times(n)} in it") for phrase, n in phrases])


def _telling(texts: Sequence[str], stored: _Stored, most: int) -> list[tuple[str, int]]:
    return telling_phrases(texts, stored.recent, stored.statistics, most)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _counted(topics: Iterable[tuple[str, str]], now: datetime) -> list[Proposal]:
    """The first twenty that can be topics, each once, with what they bring."""
    proposals: dict[str, Proposal] = {}
    ticked = 0
    for query, reason in topics:
        if len(proposals) == MOST:
            break
        with suppress(TopicError):
            topic = parse(query)
            if topic.normal_form not in proposals:
                found = volume(topic, now)
                is_ticked = ticked < TICKED and 0 < found.a_day <= MANY_A_DAY
                ticked += is_ticked
                proposals[topic.normal_form] = Proposal(topic.query, reason, found, is_ticked)
    return list(proposals.values())


# BibTeX.


def _of_entries(entries: list[BibEntry], stored: _Stored) -> _Draft:
    if not entries:
        raise NothingProposed(
            "This looks like BibTeX, but no entry in it has a title: paste whole entries."
        )
    count = len(entries)
    read_as = f"BibTeX with {count} entries" if count > 1 else "BibTeX with one entry"
    texts = [f"{entry.title}. {entry.abstract}" for entry in entries]
    found = _telling(texts, stored, MOST)
    phrases = [(phrase, f"in {n} of {count} entries") for phrase, n in found]
    authors = list(_authors(entries))
    return _Draft(read_as, [*_keywords(entries), *phrases][: MOST - len(authors)] + authors)


def _keywords(entries: list[BibEntry]) -> Iterator[tuple[str, str]]:
    """The keywords that most entries have; where each has its own, half of the places at most."""
    counts = Counter(
        word.lower() if word.istitle() else word
        for e in entries
        for word in dict.fromkeys(e.keywords)
    )
    for keyword, n in counts.most_common(MOST // 2):
        yield keyword, "a keyword" if n == 1 else f"a keyword of {n} entries"


def _authors(entries: list[BibEntry]) -> Iterator[tuple[str, str]]:
    counts = Counter(name for entry in entries for name in dict.fromkeys(entry.authors))
    for name, n in counts.most_common(_MOST_AUTHORS):
        if n >= _FEWEST_ENTRIES:
            yield f'author:"{name}"', f"an author of {n} entries"


# arXiv addresses.


def _of_named(named: Named, stored: _Stored) -> _Draft:
    drafts = [
        *(_of_author(name, stored) for name in named.authors),
        *(_of_category(name, stored) for name in named.categories),
        _of_papers(named.papers, stored),
    ]
    topics = [topic for draft in drafts for topic in draft.topics]
    notes = [note for draft in drafts for note in draft.notes]
    notes += [f"“{address}” names no author, listing or paper." for address in named.unknown]
    return _Draft("arXiv addresses", topics, tuple(notes))


def _of_author(name: str, stored: _Stored) -> _Draft:
    """The names that stored papers carry for lecun_y_1; else the name with its initial."""
    query = f'author:"{name}"'
    names: Counter[str] = Counter()
    with suppress(TopicError):
        topic = parse(query)
        for authors in _rows(stored, topic, "authors"):
            if found := find(topic, Text("", "", tuple(map(str, authors)))):
                names.update(found.words)
    if names:
        topics = [(f'author:"{full}"', _by(n)) for full, n in names.most_common(_MOST_AUTHORS)]
        return _Draft("", topics)
    note = f"No paper of the last four weeks is by {name}. The topic waits for the next one."
    return _Draft("", [(query, "the author you named")], (note,))


def _by(count: int) -> str:
    return f"author of {count} paper{'s' if count != 1 else ''} in four weeks"


def _of_category(name: str, stored: _Stored) -> _Draft:
    query = f"cat:{name}"
    rows = list(_rows(stored, parse(query), "title", "abstract"))
    if not rows:
        return _Draft("", [(query, "the listing")], (f"No paper of {name} is stored yet.",))
    found = _telling([". ".join(row) for row in rows], stored, MOST // 2)
    phrases = [(phrase, f"in {n} of {len(rows)} papers of {name}") for phrase, n in found]
    return _Draft("", [(query, "the listing"), *phrases])


def _rows(stored: _Stored, topic: ParsedTopic, *fields: str) -> Iterator[Any]:
    """These fields of up to 150 recent papers that may hold the topic."""
    places = stored.recent.candidates(topic, NO_ACRONYMS)
    some = places if len(places) <= _SAMPLE else Random(0).sample(places, _SAMPLE)
    papers = Paper.objects.filter(pk__in=[stored.recent.pks[place] for place in some]).order_by(
        "pk"
    )
    return papers.values_list(*fields, flat=len(fields) == 1).iterator()


def _of_papers(numbers: Sequence[str], stored: _Stored) -> _Draft:
    papers = Paper.objects.filter(identifier__in=[f"arxiv:{number}" for number in numbers])
    known = {paper.identifier.partition(":")[2]: paper for paper in papers}
    texts = [f"{paper.title}. {paper.abstract}" for paper in known.values()]
    found = _telling(texts, stored, MOST // 2) if texts else []
    notes = tuple(
        f"{number} is not among the papers Offprint has read: paste its abstract instead."
        for number in numbers
        if number not in known
    )
    return _Draft("", [(phrase, f"in {_papers(known)}") for phrase, _ in found], notes)


def _papers(known: Mapping[str, Paper]) -> str:
    return "the paper you named" if len(known) == 1 else "the papers you named"
