"""What a process keeps between runs of stage 3: all topics, and what the papers teach."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from threading import Lock

from django.db.models import Case, Count, Max, QuerySet, TextField, Value, When
from django.db.models.functions import Concat

from digest.models import Paper
from subscribers.acronyms import read_acronyms, write_acronyms
from subscribers.models import Acronym, Interest, Topic
from subscribers.topics import (
    NO_ACRONYMS,
    NO_STATISTICS,
    Acronyms,
    Statistics,
    TopicError,
    TopicIndex,
    anchor_of,
    count_stems,
    learn_acronyms,
    normal_form,
    parse,
)

LEARN_FROM_PAPERS = 5_000

logger = logging.getLogger(__name__)
parse_once = lru_cache(20_000)(parse)


@dataclass(frozen=True)
class Learned:
    """What the papers themselves teach: how rare words are, and what acronyms mean."""

    statistics: Statistics = NO_STATISTICS
    acronyms: Acronyms = NO_ACRONYMS


@dataclass
class _Kept:
    """The index and what was learned, each with the state of the rows it was made of."""

    followed: dict[str, object] = field(default_factory=dict)
    index: TopicIndex = field(default_factory=TopicIndex)
    last: dict[str, object] = field(default_factory=dict)  # the topic added last
    newest: tuple[object, ...] = ()
    learned: Learned = Learned()


_kept = _Kept()
_one_at_a_time = Lock()


def topic_index() -> TopicIndex:
    """Return the index of all topics that somebody follows or mutes, and of some once followed.

    A follow anywhere changes the newest interest or their number, so one query tells every
    process whether its index still holds.
    """
    with _one_at_a_time:
        followed = _state(Interest.objects.all())
        if followed != _kept.followed:
            _refresh()
            _kept.followed = followed
        return _kept.index


def _state(interests: QuerySet[Interest]) -> dict[str, object]:
    return interests.aggregate(newest=Max("pk"), count=Count("pk"), made_at=Max("created_at"))


def _refresh() -> None:
    """Add what is followed now; where something has gone or came late, go through all of it."""
    before = _kept.followed
    newest = before.get("newest") or 0
    if before and _state(Interest.objects.filter(pk__lte=newest)) == before:
        _add_rows(Topic.objects.filter(interests__pk__gt=newest))
        return
    # Ids that mean other topics than they did: another database, or one that was set back.
    if _kept.last and not Topic.objects.filter(**_kept.last).exists():
        _kept.index, _kept.last = TopicIndex(), {}
    _add_rows(Topic.objects.followed())


def _add_rows(topics: QuerySet[Topic]) -> None:
    add_topics(_kept.index, topics.order_by("pk").values_list("pk", "query", "anchor").iterator())
    if newest := topics.order_by("-pk").values("pk", "query", "created_at").first():
        _kept.last = dict(newest)


def add_topics(index: TopicIndex, topics: Iterable[tuple[int, str, str]]) -> None:
    """Put topics (id, query and anchor) into the index.

    One without an anchor is parsed; where that fails it is left out, and said.
    """
    for pk, query, anchor in topics:
        try:
            index.put(pk, anchor or anchor_of(parse(query)))
        except TopicError as error:
            logger.warning("Topic %s cannot be looked for: %s", pk, error)


def teach(now: datetime) -> None:
    """Learn acronyms from the newest papers from before today, once a day; later on the first.

    Only the stage writes; whoever else asks reads what it wrote.
    """
    has_past = _before(now).exists()
    taught = Acronym.objects.filter(learned_on=now.date()).exists()
    if taught and has_past:
        return
    columns = _newest(now).values_list("title", "abstract")
    texts = (f"{title}. {abstract}" for title, abstract in columns)
    write_acronyms(learn_acronyms(texts), now.date())


def learn(now: datetime) -> Learned:
    """Return what the newest papers from before today teach; on the first day, all there are.

    All processes learn the same on one day, so that a strength does not depend on who found it.
    """
    newest = (
        now.date(),
        *_newest(now).values_list("pk", "identifier", "title")[:1],
        *Acronym.objects.order_by("-pk").values_list("pk", "short", "learned_on")[:1],
    )
    with _one_at_a_time:
        if newest != _kept.newest:
            _kept.learned = Learned(count_stems(_normal_forms(now)), read_acronyms())
            _kept.newest = newest
        return _kept.learned


def _newest(now: datetime) -> QuerySet[Paper]:
    past = _before(now)
    return (past if past.exists() else Paper.objects.order_by("-pk"))[:LEARN_FROM_PAPERS]


def _before(now: datetime) -> QuerySet[Paper]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Paper.objects.filter(first_seen_at__lt=midnight).order_by("-pk")


def _normal_forms(now: datetime) -> Iterator[str]:
    """The stored normal forms; of papers not matched yet, those they will have."""
    whole = Concat("title", Value(". "), "abstract", output_field=TextField())
    text = Case(When(normal_form="", then=whole), default=Value(""), output_field=TextField())
    rows = _newest(now).annotate(text=text).values_list("normal_form", "text")
    return (form or normal_form(text) for form, text in rows)
