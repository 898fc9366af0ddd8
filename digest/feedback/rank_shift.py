"""What a change of leanings does to the order of one subscriber's papers of the last days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from digest.compose.features import TraitKeys, list_traits
from digest.compose.leanings import Leanings, compute_factor, list_senses
from digest.compose.topic_news import Candidate
from digest.models import Match, Paper
from subscribers.models import Interest, Subscriber

DAYS = 7
MOST_PAPERS = 300  # the newest, which are ranked


@dataclass(frozen=True)
class RankShift:
    """How far the papers that a change of leanings is about move, on average."""

    papers: int  # that were ranked
    alike: int  # of them those that the change is about
    moved: float  # ranks, above zero towards the front


@dataclass(frozen=True)
class _RankedPaper:
    """A paper with what its rank in one subscriber's digest depends on."""

    candidate: Candidate
    traits: TraitKeys
    topics: tuple[int, ...]
    form: str  # its normal form

    def compute_factor(self, leanings: Leanings) -> float:
        steps = sum(leanings.get(("topic", str(pk)), 0) for pk in self.topics)
        for topic_id, senses in list_senses(leanings).items():
            if topic_id in self.topics:
                steps += sum(moved for phrase, moved in senses if f" {phrase} " in self.form)
        return compute_factor(leanings, self.traits, steps)


def measure_rank_shift(
    subscriber: Subscriber, before: Leanings, after: Leanings, now: datetime
) -> RankShift:
    """Rank the subscriber's papers of the last 7 days by both, as composing does, and compare."""
    papers = _list_candidates(subscriber, now)
    alike = [p for p in papers if p.compute_factor(before) != p.compute_factor(after)]
    old, new = _rank_papers(papers, before), _rank_papers(papers, after)
    moves = [old[p.candidate.paper_id] - new[p.candidate.paper_id] for p in alike]
    return RankShift(len(papers), len(alike), sum(moves) / (len(moves) or 1))


def _rank_papers(papers: Iterable[_RankedPaper], leanings: Leanings) -> dict[int, int]:
    """The rank of each paper by its primary key; the first has 0."""
    ranked = sorted(papers, key=lambda p: p.candidate.order_at(p.compute_factor(leanings)))
    return {p.candidate.paper_id: rank for rank, p in enumerate(ranked)}


def _list_candidates(subscriber: Subscriber, now: datetime) -> list[_RankedPaper]:
    """The newest papers in topics that are followed, none in one that is muted."""
    follows = _find_matches(subscriber.interests.follows())
    mutes = _find_matches(subscriber.interests.mutes())
    papers = Paper.objects.filter(news_at__gt=now - timedelta(DAYS), news_at__lte=now)
    of_paper = {"paper": OuterRef("pk")}
    papers = papers.filter(Exists(follows.filter(**of_paper)), ~Exists(mutes.filter(**of_paper)))
    newest = {paper.pk: paper for paper in papers.order_by("-news_at", "-pk")[:MOST_PAPERS]}
    topics: dict[int, list[tuple[float, int]]] = defaultdict(list)
    found = follows.filter(paper__in=newest).values_list("paper_id", "topic_id", "strength")
    for paper_id, topic_id, strength in found:
        topics[paper_id].append((strength, topic_id))
    return [_build_candidate(newest[pk], rows) for pk, rows in topics.items()]


def _find_matches(interests: QuerySet[Interest]) -> QuerySet[Match]:
    return Match.objects.filter(topic__in=interests.values("topic_id"))


def _build_candidate(paper: Paper, found: list[tuple[float, int]]) -> _RankedPaper:
    at = paper.available_at or paper.news_at or paper.first_seen_at
    categories = [str(name) for name in paper.categories]
    traits = list_traits(paper.title, categories, paper.organization)
    return _RankedPaper(
        Candidate(paper.pk, paper.trend, max(found)[0], "", at, paper.first_seen_at),
        tuple(trait.key for trait in traits),
        tuple(topic_id for _, topic_id in found),
        paper.normal_form,
    )
