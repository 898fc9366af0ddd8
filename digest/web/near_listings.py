"""Papers that are near to something, as pages list them: below what was found, and labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.compose.near_papers import spell_near_words
from digest.match.nearest import find_papers_like, find_papers_near_search
from digest.models import Paper
from subscribers.topics import ParsedTopic, measure_words

# So much of what two papers say in all must be the same before they may be one work: a preprint
# and its journal's version share nearly all of it, two papers of one group half.
_ONE_WORK = 0.75


@dataclass(frozen=True)
class NearListing:
    """A paper and the words that make it near, as it spells them; what else is known of it."""

    paper: Paper
    words: Sequence[str]
    may_be_same: bool = False  # the same work as what it is near to
    is_find: bool = False  # in digests, since it names a kind of the topic


def list_papers_like(paper: Paper, now: datetime) -> list[NearListing]:
    """The papers of the last weeks most like this one, the nearest first."""
    ids, weights = find_papers_like(paper, now)
    own = measure_words(paper.normal_form)
    return [
        NearListing(other, words, may_be_same=_may_be_one_work(paper, other, own))
        for other, words in _read_papers(ids, weights)
    ]


def list_near_search(
    topic: ParsedTopic, found: Sequence[Paper], now: datetime
) -> list[NearListing]:
    """The papers of the last weeks that are like what a search found, and not found by it."""
    ids, weights = find_papers_near_search(topic, found, now)
    return [NearListing(paper, words) for paper, words in _read_papers(ids, weights)]


def _read_papers(
    ids: Sequence[int], weights: Mapping[str, float]
) -> list[tuple[Paper, Sequence[str]]]:
    papers = Paper.objects.in_bulk(ids)
    return [
        (papers[pk], spell_near_words(weights, papers[pk].title, papers[pk].abstract))
        for pk in ids
        if pk in papers
    ]


def _may_be_one_work(paper: Paper, other: Paper, own: Mapping[str, float]) -> bool:
    """Whether two papers share an author and nearly all of their words: said, never acted on."""
    if not set(map(_fold_name, paper.authors)) & set(map(_fold_name, other.authors)):
        return False
    words = measure_words(other.normal_form)
    shared = sum(min(said, words.get(stem, 0.0)) for stem, said in own.items())
    return shared >= _ONE_WORK * max(sum(own.values()), sum(words.values()))


def _fold_name(name: str) -> str:
    return str(name).split()[-1].casefold() if str(name).split() else ""
