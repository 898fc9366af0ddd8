"""How the index of all topics is read from the rows, and added to as new ones come."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from subscribers.models import Topic
from subscribers.topics import TopicError, TopicIndex, choose_anchor, parse_topic

logger = logging.getLogger(__name__)

# A transaction takes less. Whoever was slower to commit may have made a topic with an earlier id.
_LONGEST_TRANSACTION = timedelta(hours=1)

_MANY = 10_000  # topics at once; fewer are settled when more come

_Newest = tuple[int, str, datetime]  # a topic's id, query and date

# The newest topic, and how many came since those that surely are all there.
TopicsVersion = tuple[_Newest, int] | None


@dataclass(frozen=True)
class TopicIndexState:
    """All topics: also those that nobody follows any more, which whoever asks leaves out."""

    index: TopicIndex = field(default_factory=TopicIndex)
    settled: int = 0  # the index has every topic up to this id that there will ever be


def read_topics_version(state: TopicIndexState) -> TopicsVersion:
    """Return what changes when a topic is made: none does when somebody follows one that is there.

    Two short ranges of the primary key, however many topics there are.
    """
    newest = _read_newest(Topic.objects.all())
    return newest and (newest, Topic.objects.filter(pk__gt=state.settled).count())


def refresh_topic_index(state: TopicIndexState, before: TopicsVersion) -> TopicIndexState:
    """Add what came since the version before; in another database, and at first, read all."""
    if not before or _read_newest(Topic.objects.filter(pk=before[0][0])) != before[0]:
        state = TopicIndexState()
    settled = _find_settled()  # before reading: what comes meanwhile is read again
    recent = Topic.objects.filter(pk__gt=state.settled).order_by("pk")
    add_topics(state.index, recent.values_list("pk", "query", "anchor").iterator())
    return TopicIndexState(state.index, settled)


def _read_newest(topics: QuerySet[Topic]) -> _Newest | None:
    return topics.order_by("-pk").values_list("pk", "query", "created_at").first()


def _find_settled() -> int:
    """The last id from before the transactions that may still be under way."""
    ids = Topic.objects.order_by("-pk").values_list("pk", "created_at")
    newest = ids.first()
    if newest is None:
        return 0
    long_ago = newest[1] - _LONGEST_TRANSACTION
    return ids.filter(created_at__lt=long_ago).values_list("pk", flat=True).first() or 0


def add_topics(index: TopicIndex, topics: Iterable[tuple[int, str, str]]) -> None:
    """Put topics (id, query and anchor) into the index.

    One without an anchor is parsed; where that fails it is left out, and said.
    """
    before = len(index)
    for pk, query, anchor in topics:
        try:
            index.add_anchor(pk, anchor or choose_anchor(parse_topic(query)))
        except TopicError as error:
            logger.warning("Topic %s cannot be looked for: %s", pk, error)
    if len(index) - before > _MANY:
        index.settle()
