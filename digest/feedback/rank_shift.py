"""What a change of leanings does to the order of one reader's papers of the last days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from digest.compose.features import TraitKeys, traits_of
from digest.compose.leanings import Leanings, factor
from digest.compose.shortlist import Candidate
from digest.models import Match, Paper
from subscribers.models import Interest, Subscriber

DAYS = 7
MOST = 300  # papers put in order: the newest


@dataclass(frozen=True)
class Places:
    """How far the papers that a change is about move: above zero to the front, on average."""

    papers: int  # in the order
    alike: int  # of them those that the change is about
    moved: float  # places


@dataclass(frozen=True)
class _Placed:
    """A paper as one reader's digest would order it."""

    candidate: Candidate
    traits: TraitKeys
    topics: tuple[int, ...]

    def factor(self, leanings: Leanings) -> float:
        steps = sum(leanings.get(("topic", str(pk)), 0) for pk in self.topics)
        return factor(leanings, self.traits, steps)


def places_moved(reader: Subscriber, before: Leanings, after: Leanings, now: datetime) -> Places:
    """Order the reader's papers of the last 7 days by both, as composing does, and compare."""
    placed = _placed(reader, now)
    alike = [p for p in placed if p.factor(before) != p.factor(after)]
    old, new = _order(placed, before), _order(placed, after)
    moves = [old[p.candidate.paper_id] - new[p.candidate.paper_id] for p in alike]
    return Places(len(placed), len(alike), sum(moves) / (len(moves) or 1))


def _order(placed: Iterable[_Placed], leanings: Leanings) -> dict[int, int]:
    """The place of each paper, the first being 0."""
    ranked = sorted(placed, key=lambda p: p.candidate.order_at(p.factor(leanings)))
    return {p.candidate.paper_id: place for place, p in enumerate(ranked)}


def _placed(reader: Subscriber, now: datetime) -> list[_Placed]:
    """The newest papers in the topics the reader follows, without what they mute."""
    follows = _find_matches(reader.interests.follows())
    mutes = _find_matches(reader.interests.mutes())
    papers = Paper.objects.filter(news_at__gt=now - timedelta(DAYS), news_at__lte=now)
    of_paper = {"paper": OuterRef("pk")}
    papers = papers.filter(Exists(follows.filter(**of_paper)), ~Exists(mutes.filter(**of_paper)))
    newest = {paper.pk: paper for paper in papers.order_by("-news_at", "-pk")[:MOST]}
    topics: dict[int, list[tuple[float, int]]] = defaultdict(list)
    found = follows.filter(paper__in=newest).values_list("paper_id", "topic_id", "strength")
    for paper_id, topic_id, strength in found:
        topics[paper_id].append((strength, topic_id))
    return [_of(newest[pk], rows) for pk, rows in topics.items()]


def _find_matches(interests: QuerySet[Interest]) -> QuerySet[Match]:
    return Match.objects.filter(topic__in=interests.values("topic_id"))


def _of(paper: Paper, found: list[tuple[float, int]]) -> _Placed:
    at = paper.available_at or paper.news_at or paper.first_seen_at
    categories = [str(name) for name in paper.categories]
    traits = traits_of(paper.title, categories, paper.organization)
    return _Placed(
        Candidate(paper.pk, paper.trend, max(found)[0], "", at, paper.first_seen_at),
        tuple(trait.key for trait in traits),
        tuple(topic_id for _, topic_id in found),
    )
