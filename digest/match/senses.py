"""What topics' papers of the last weeks teach about them, learned when they are first matched.

And anew every week, every day as long as few papers taught it: `renew_senses` does a part of what
is due in each run, so that no run takes long and no mail waits for it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from digest.match.learned import Learned
from digest.match.process_cache import process_cache
from digest.models import Match, Paper, TopicSense
from subscribers.topics import (
    ParsedTopic,
    TopicError,
    compute_floor,
    learn_weights,
    measure_words,
    parse_once,
)
from subscribers.topics import TopicSense as Sense
from subscribers.topics.kinds import mark_kinds
from subscribers.topics.sense import EXAMPLES

logger = logging.getLogger(__name__)

WEEKS = timedelta(days=28)
RENEWED_AFTER, SOON_RENEWED_AFTER = timedelta(days=7), timedelta(days=1)
MOST_RENEWED = 1_000  # topics in one run, a second or two
_TOPICS_AT_ONCE = 200
_Finds = Mapping[int, Sequence[tuple[float, int]]]  # by topic: strength and paper


def has_due_senses(now: datetime) -> bool:
    """Whether any is to be learned anew: a look into an index."""
    return _select_due(now).exists()


def renew_senses(now: datetime, learned: Learned) -> int:
    """Learn up to MOST_RENEWED of those anew that are due, the longest due first; how many."""
    due = _select_due(now).order_by("due_at").values_list("topic_id", "topic__query")
    topics = {}
    for pk, query in due[:MOST_RENEWED]:
        try:
            topics[pk] = parse_once(query)
        except TopicError as error:  # an older release understood it
            logger.warning("Topic %s teaches nothing: %s", pk, error)
            TopicSense.objects.filter(pk=pk).update(due_at=now + RENEWED_AFTER)
    return learn_senses(topics, now, learned)


def _select_due(now: datetime) -> QuerySet[TopicSense]:
    return TopicSense.objects.filter(due_at__lte=now)


def learn_senses(
    topics: Mapping[int, ParsedTopic],
    now: datetime,
    learned: Learned,
    *,
    newest: datetime | None = None,
    span: timedelta = WEEKS,
    due_at: datetime | None = None,
) -> int:
    """Learn what the stored matches of these topics teach, and write it down; how many topics.

    They were compared with the papers of `span` before `newest`, which is `now` where it is None;
    `due_at` is when it is to be learned anew.
    """
    ids = sorted(topics)
    if not ids:
        return 0
    papers = process_cache.count_papers((newest or now) - span, span)
    for start in range(0, len(ids), _TOPICS_AT_ONCE):
        some = ids[start : start + _TOPICS_AT_ONCE]
        finds = _read_finds(some)
        words = _read_words(finds)
        rows = [
            _make_row(
                pk,
                learn_sense(topics[pk], finds[pk], papers, words, learned),
                due_at or _find_due(len(finds[pk]), now),
            )
            for pk in some
        ]
        TopicSense.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["topic"],
            update_fields=["floor", "words", "due_at"],
        )
    return len(ids)


def learn_sense(
    topic: ParsedTopic,
    finds: Sequence[tuple[float, int]],
    papers: int,
    words: Mapping[int, Mapping[str, float]],
    learned: Learned,
) -> Sense:
    """What these finds among the last weeks' `papers` teach: each a strength and a paper.

    `words` has for the papers of the strongest what `measure_words` says of them.
    """
    floor = compute_floor(topic, [strength for strength, _ in finds], papers)
    examples = ((strength, words[pk]) for strength, pk in list_examples(finds) if pk in words)
    weights = learn_weights(topic, examples, learned.statistics)
    return Sense(floor, None if weights is None else weights | mark_kinds(topic))


def list_examples(finds: Sequence[tuple[float, int]]) -> Sequence[tuple[float, int]]:
    """The strongest of a topic's finds, from which its words are learned."""
    return sorted(finds, reverse=True)[:EXAMPLES]


def _read_finds(topic_ids: Collection[int]) -> _Finds:
    finds = defaultdict[int, list[tuple[float, int]]](list)
    rows = Match.objects.filter(topic_id__in=topic_ids).order_by()
    for topic_id, paper_id, strength in rows.values_list("topic_id", "paper_id", "strength"):
        finds[topic_id].append((strength, paper_id))
    return finds


def _read_words(finds: _Finds) -> dict[int, Mapping[str, float]]:
    """What the papers of the strongest finds say, each paper read once."""
    ids = {pk for rows in finds.values() for _, pk in list_examples(rows)}
    forms = Paper.objects.filter(pk__in=ids).values_list("pk", "normal_form")
    return {pk: measure_words(form) for pk, form in forms}


def _find_due(finds: int, now: datetime) -> datetime:
    return now + (RENEWED_AFTER if finds >= EXAMPLES else SOON_RENEWED_AFTER)


def _make_row(topic_id: int, sense: Sense, due_at: datetime) -> TopicSense:
    return TopicSense(
        topic_id=topic_id, floor=sense.floor, words=sense.write_weights(), due_at=due_at
    )
