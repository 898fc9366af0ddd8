"""Whether a paper is on a topic, only mentions it, or is close to it, as what was learned tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from digest.compose.near_papers import PLACES, NearPapers, find_day
from digest.compose.topic_news import find_sure_strength
from digest.models import Match, Paper, TopicSense
from subscribers.topics import read_weights


@dataclass(frozen=True)
class Standards:
    """From which strength a paper is on a topic, and from which it surely is."""

    floor: float = 0.0
    sure: float = 0.0


def read_standards(topic_ids: Collection[int]) -> dict[int, Standards]:
    """By topic; those of a topic of which nothing was learned ask for nothing."""
    learned = TopicSense.objects.filter(topic_id__in=topic_ids)
    return dict.fromkeys(topic_ids, Standards()) | {
        pk: Standards(floor, find_sure_strength(floor, words))
        for pk, floor, words in learned.values_list("topic_id", "floor", "words")
    }


def describe_mention(strengths: Mapping[int, float], names: Mapping[int, str]) -> str:
    """That a paper only mentions its topics, where it does; "" where it is on one of them.

    `strengths` has those topics that matched, by their ids, and `names` what they are called.
    """
    floors = {pk: one.floor for pk, one in read_standards(list(strengths)).items()}
    if not strengths or any(strength >= floors[pk] for pk, strength in strengths.items()):
        return ""
    topic_id = max(strengths, key=lambda pk: strengths[pk] / floors[pk])
    return (
        f"It only mentions “{names[topic_id]}” in passing (strength {strengths[topic_id]:.1f}; a"
        f" paper is on this topic from {floors[topic_id]:.1f})"
    )


def describe_nearness(paper: Paper, names: Mapping[int, str]) -> str:
    """Which place it has among the papers of its day that are close to a topic; "" for none.

    `names` has the topics followed that did not find it, by their ids. Of several the best place.
    """
    if paper.available_at is None:
        return ""
    day = find_day(paper.available_at.timestamp())
    senses = TopicSense.objects.filter(topic_id__in=names).exclude(words="")
    near = NearPapers(_read_forms)
    places = [
        (place, names[topic_id])
        for topic_id, floor, words in senses.values_list("topic_id", "floor", "words")
        if (place := _find_place(near, paper, day, topic_id, floor, words))
    ]
    if not places:
        return ""
    place, name = min(places)
    return (
        f"It is close to “{name}”: place {place} of the papers of its day that are, and at most"
        f" {PLACES} close to any topic fit into a mail"
    )


def _find_place(
    near: NearPapers, paper: Paper, day: date, topic_id: int, floor: float, words: str
) -> int:
    """From 1; 0 where it is not among those that could be offered."""
    on_it = set(
        Match.objects.filter(topic_id=topic_id, strength__gte=floor)
        .filter(paper__available_at__gte=_begin(day), paper__available_at__lt=_begin(day, days=1))
        .values_list("paper_id", flat=True)
    )
    ranked = near.rank_day(topic_id, day, read_weights(words), on_it, lambda _: True)
    return next((one.rank + 1 for one in ranked if one.paper_id == paper.pk), 0)


def _read_forms(day: date) -> list[tuple[int, str]]:
    papers = Paper.objects.filter(news_at__isnull=False, matched_at__isnull=False)
    of_day = papers.filter(available_at__gte=_begin(day), available_at__lt=_begin(day, days=1))
    return list(of_day.values_list("pk", "normal_form"))


def _begin(day: date, days: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days), time(), UTC)
