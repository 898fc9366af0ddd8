"""How the index of all topics is read from the rows, and added to as people follow more."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Max, QuerySet

from subscribers.models import Interest, Topic
from subscribers.topics import TopicError, TopicIndex, choose_anchor, parse_topic

logger = logging.getLogger(__name__)

InterestsVersion = dict[str, object]


@dataclass(frozen=True)
class TopicIndexState:
    """The topics that somebody follows or mutes, and some that somebody once did."""

    index: TopicIndex = field(default_factory=TopicIndex)
    last: dict[str, object] = field(default_factory=dict)  # the topic added last


def read_interests_version() -> InterestsVersion:
    """Return the newest interest and their number: a follow anywhere changes one of them."""
    return _summarize_interests(Interest.objects.all())


def refresh_topic_index(state: TopicIndexState, before: InterestsVersion) -> TopicIndexState:
    """Add what is followed now; where something has gone or came late, go through all of it."""
    newest = before.get("newest") or 0
    if before and _summarize_interests(Interest.objects.filter(pk__lte=newest)) == before:
        return _add_rows(state, Topic.objects.filter(interests__pk__gt=newest))
    # Ids that mean other topics than they did: another database, or one that was set back.
    if state.last and not Topic.objects.filter(**state.last).exists():
        state = TopicIndexState()
    return _add_rows(state, Topic.objects.followed())


def _summarize_interests(interests: QuerySet[Interest]) -> InterestsVersion:
    return interests.aggregate(newest=Max("pk"), count=Count("pk"), made_at=Max("created_at"))


def _add_rows(state: TopicIndexState, topics: QuerySet[Topic]) -> TopicIndexState:
    add_topics(state.index, topics.order_by("pk").values_list("pk", "query", "anchor").iterator())
    last = topics.order_by("-pk").values("pk", "query", "created_at").first()
    return TopicIndexState(state.index, dict(last) if last else state.last)


def add_topics(index: TopicIndex, topics: Iterable[tuple[int, str, str]]) -> None:
    """Put topics (id, query and anchor) into the index.

    One without an anchor is parsed; where that fails it is left out, and said.
    """
    for pk, query, anchor in topics:
        try:
            index.add_anchor(pk, anchor or choose_anchor(parse_topic(query)))
        except TopicError as error:
            logger.warning("Topic %s cannot be looked for: %s", pk, error)
