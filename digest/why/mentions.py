"""Whether a paper is on a topic, only mentions it, or is close to it, as what was learned tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.compose.near_papers import (
    PLACES,
    WORTH_A_MAIL,
    FoundPapers,
    NearPaper,
    NearPapers,
    find_day,
    find_least_nearness,
    is_worth_a_place,
    sum_nearness,
)
from digest.compose.topic_news import find_sure_strength
from digest.match.near_meaning import NearMeaning
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
    return _(
        "It only mentions “%(topic)s” in passing (strength %(strength)s; a "
        "paper is on this topic from %(floor)s)"
    ) % {
        "topic": names[topic_id],
        "strength": f"{strengths[topic_id]:.1f}",
        "floor": f"{floors[topic_id]:.1f}",
    }


def describe_nearness(paper: Paper, names: Mapping[int, str]) -> tuple[str, bool]:
    """How close it is to the topics, or which place it has among what is; "" for not at all.

    And whether it is a find all the same, since it names a kind of one. `names` has the topics
    followed, none of which found it, by their ids.
    """
    if paper.available_at is None:
        return "", False
    day = find_day(paper.available_at.timestamp())
    senses = TopicSense.objects.filter(topic_id__in=names).exclude(words="")
    near = NearPapers(_read_forms, NearMeaning().rerank_near)
    ranked = [
        near.rank_day(pk, day, read_weights(words), _find_matched(pk, floor, day), lambda _: True)
        for pk, floor, words in senses.values_list("topic_id", "floor", "words")
    ]
    nearness, nearest = sum_nearness(ranked).get(paper.pk, (0.0, None))
    if nearest is None:
        return "", False
    if kind := next((one for of in ranked for one in of if _is_find(one, paper)), None):
        said = _(
            "It names a kind of “%(name)s”: such papers come behind all that the topics find, "
            "where these leave room"
        )
        return said % {"name": names[kind.topic_id]}, True
    if nearness < find_least_nearness(len(names)):
        for one in (one for of in ranked for one in of if one.paper_id == paper.pk):
            if one.names_kind:
                said = _(
                    "It names a kind of “%(name)s”: such papers are among those close to the "
                    "topics where nearer ones leave a place"
                )
                return said % {"name": names[one.topic_id]}, False
    return _describe_place(nearness, nearest, names), False


def _describe_place(nearness: float, nearest: NearPaper, names: Mapping[int, str]) -> str:
    name, least = names[nearest.topic_id], find_least_nearness(len(names))
    if nearness < least:
        said = ngettext(
            "It is close to “%(name)s”, but not close enough (nearness %(nearness).2f; to whoever "
            "follows %(count)s topic a paper comes from %(least).2f)",
            "It is close to “%(name)s”, but not close enough (nearness %(nearness).2f; to whoever "
            "follows %(count)s topics a paper comes from %(least).2f)",
            len(names),
        )
        values = {"name": name, "nearness": nearness, "count": len(names), "least": least}
        return said % values
    if not is_worth_a_place(nearest, len(names)):
        said = _(
            "It has words of “%(name)s”, but not all of them, and names no kind of it: such papers "
            "are not close to it for whoever follows several topics"
        )
        return said % {"name": name}
    said = _(
        "It is close to “%(name)s”: place %(place)s of the papers of its day "
        "that are, and at most %(places)s close to any topic fit into a mail"
    ) % {"name": name, "place": nearest.rank + 1, "places": PLACES}
    if nearness >= WORTH_A_MAIL:
        return said
    return _(
        "%(said)s; where nothing is on a topic, only those with a nearness from %(worth).2f "
        "make a mail (this one: %(nearness).2f)"
    ) % {"said": said, "worth": WORTH_A_MAIL, "nearness": nearness}


def _is_find(one: NearPaper, paper: Paper) -> bool:
    return one.is_find and one.paper_id == paper.pk


def _find_matched(topic_id: int, floor: float, day: date) -> FoundPapers:
    """The day's papers in which the topic was found."""
    start, end = _begin(day), _begin(day, days=1)
    rows = Match.objects.filter(topic_id=topic_id, paper__available_at__gte=start)
    strengths = dict(rows.filter(paper__available_at__lt=end).values_list("paper_id", "strength"))
    on_it = {pk for pk, strength in strengths.items() if strength >= floor}
    return FoundPapers(on_it, strengths.keys() - on_it)


def _read_forms(day: date) -> list[tuple[int, str]]:
    papers = Paper.objects.filter(news_at__isnull=False, matched_at__isnull=False)
    of_day = papers.filter(available_at__gte=_begin(day), available_at__lt=_begin(day, days=1))
    return list(of_day.values_list("pk", "normal_form"))


def _begin(day: date, days: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days), time(), UTC)
