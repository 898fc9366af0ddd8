"""What each of somebody's topics would bring: papers a day over four weeks. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from digest.match.spelling_hint import suggest_spelling
from digest.match.volume import Volume, find_narrower_topics, find_wider_topics, measure_volume
from digest.match.word_senses import find_word_senses
from digest.web.charts import Column, draw_columns
from digest.web.concurrency_limit import limit_concurrency
from subscribers import forgiving_cache
from subscribers.acronyms import group_also_found
from subscribers.models import MAX_TOPICS
from subscribers.topics import (
    AlsoFound,
    ParsedTopic,
    TopicError,
    explain_reading,
    find_kinds,
    parse_once,
)
from subscribers.web.fields import explain_too_many_topics

MANY_A_DAY = 15
# A request's first line must stay under the 4,094 bytes that gunicorn reads.
ADDRESS_CHARS = 3_000
# Entries hold a `TopicCount`: another prefix for each change of it, since old ones come back.
_CACHE_PREFIX = "topic-count-3:"
CACHE_SECONDS = 600  # papers come a few times a day
COUNTED_AT_ONCE = 4  # each costs up to a third of a second; the others wait and are asked again


@dataclass(frozen=True)
class Offer:
    """Another topic instead of one, and how many papers a day it finds."""

    query: str
    a_day: float
    words: tuple[str, ...] = ()  # that tell a sense

    @property
    def a_day_in_words(self) -> str:
        return describe_rate(self.a_day)


@dataclass(frozen=True)
class TopicCount:
    """One topic as typed and what it finds; or the sentence that says why it is none."""

    query: str
    problem: str = ""
    is_waiting: bool = False  # others were counted first; it is counted when asked for again
    volume: Volume | None = None
    offers: tuple[Offer, ...] = ()  # narrower ones where it finds much, wider ones for nothing
    has_senses: bool = False  # the offers are the senses of an ambiguous word
    is_slip: bool = False  # the offer is the same topic as papers spell its words

    @property
    def a_day(self) -> float:
        return self.volume.a_day if self.volume else 0.0

    @property
    def a_day_in_words(self) -> str:
        return describe_rate(self.a_day)

    @property
    def reading(self) -> str:
        """How the topic is read, where somebody may mean something else; mostly nothing."""
        return "" if self.problem else explain_reading(parse_once(self.query))

    @property
    def is_much(self) -> bool:
        return self.a_day > MANY_A_DAY

    @property
    def most(self) -> int:
        return max(self.volume.days) if self.volume else 0

    @property
    def bars(self) -> list[Column]:
        return draw_columns(self.volume.days if self.volume else ())


@dataclass(frozen=True)
class AlsoFoundTopic:
    """What one of the topics finds besides what was typed."""

    position: int  # of the topic among those typed
    query: str
    found: AlsoFound


@dataclass(frozen=True)
class TopicCounts:
    """The counts for all topics of somebody who is about to sign up."""

    topics: list[TopicCount]
    typed: int = 0  # how many there were: those past the most one may have are not counted

    @property
    def too_many(self) -> str:
        """What the form will say when it is sent, where it holds more topics than are counted."""
        return explain_too_many_topics(self.typed) if self.typed > len(self.topics) else ""

    @property
    def is_waiting(self) -> bool:
        return any(topic.is_waiting for topic in self.topics)

    @property
    def good(self) -> list[str]:
        return [topic.query for topic in self.topics if not topic.problem]

    @property
    def a_day_in_words(self) -> str:
        """The sum of all topics; a paper that two of them find counts twice."""
        return describe_rate(sum(topic.a_day for topic in self.topics))

    @property
    def also(self) -> list[AlsoFoundTopic]:
        """What these topics find besides what was typed: other spellings, and kinds of them."""
        by_query, good = group_also_found(self.good), set(self.good)
        return [
            AlsoFoundTopic(position, topic.query, also)
            for position, topic in enumerate(self.topics)
            if topic.query in good
            for also in (*by_query.get(topic.query, ()), find_kinds(parse_once(topic.query)))
            if also
        ]

    @property
    def address(self) -> str:
        """The part of an address that fills in these topics; the last ones may not fit."""
        queries = self.good
        while len(address := urlencode([("t", query) for query in queries])) > ADDRESS_CHARS:
            queries = queries[:-1]
        return address


def describe_rate(a_day: float) -> str:
    """Return papers a day in words: 3.2, 12, 0.4; "under 0.1" for hardly one a fortnight; 0."""
    if not a_day:
        return "0"
    if a_day < 0.1:
        return _("under 0.1")
    return f"{a_day:.0f}" if a_day >= 10 else f"{a_day:.1f}".removesuffix(".0")


def count_topics(queries: Sequence[str], now: datetime) -> TopicCounts:
    """Count for each topic the papers of the last 28 days that it finds; bad ones are answered.

    What was counted in the last ten minutes is not counted anew; of the others only the first
    COUNTED_AT_ONCE are, and none while another visitor's are.
    """
    with limit_concurrency() as is_free:
        counts = _count_each(queries[:MAX_TOPICS], now, is_free=is_free)
    return TopicCounts(counts, typed=len(queries))


def _count_each(queries: Sequence[str], now: datetime, *, is_free: bool) -> list[TopicCount]:
    counts, counted = [], 0
    for query in queries:
        # While somebody types, one topic changes and the others are asked for again.
        key = f"{_CACHE_PREFIX}{sha256(query.encode()).hexdigest()}"
        count = forgiving_cache.read_instance(key, TopicCount)
        if count is None:
            counted += 1
            may_count = is_free and counted <= COUNTED_AT_ONCE
            count = _count_or_explain(query, now, may_count=may_count)
            if not count.is_waiting:
                forgiving_cache.write_value(key, count, CACHE_SECONDS)
        counts.append(count)
    return counts


def _count_or_explain(query: str, now: datetime, *, may_count: bool) -> TopicCount:
    try:
        topic = parse_once(query)
    except TopicError as error:
        return TopicCount(query, problem=str(error))
    return _count_topic(query, topic, now) if may_count else TopicCount(query, is_waiting=True)


def _count_topic(query: str, topic: ParsedTopic, now: datetime) -> TopicCount:
    volume = measure_volume(topic, now)
    senses = find_word_senses(topic, now) if volume.total else []
    if senses:
        offers = tuple(Offer(sense.query, sense.a_day, sense.words) for sense in senses)
        return TopicCount(query, volume=volume, offers=offers, has_senses=True)
    others: list[tuple[str, float]] = []
    if volume.a_day > MANY_A_DAY:
        others = find_narrower_topics(topic, now, enough=MANY_A_DAY)
    elif not volume.total:
        if (meant := suggest_spelling(query)) and (a_day := _measure_rate(meant, now)):
            return TopicCount(query, volume=volume, offers=(Offer(meant, a_day),), is_slip=True)
        others = find_wider_topics(topic, now)
    return TopicCount(query, volume=volume, offers=tuple(Offer(*other) for other in others))


def _measure_rate(query: str, now: datetime) -> float:
    """Papers a day of a topic that nobody has typed; 0 where it is none."""
    try:
        return measure_volume(parse_once(query), now).a_day
    except TopicError:
        return 0.0
