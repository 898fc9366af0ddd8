"""What each of somebody's topics would bring: papers a day over four weeks. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlencode

from digest.match.volume import Volume, find_narrower_topics, find_wider_topics, measure_volume
from digest.suggest.concurrency_limit import turn
from digest.web.charts import Column, columns
from subscribers import forgiving_cache
from subscribers.acronyms import also_found_by
from subscribers.models import MAX_TOPICS
from subscribers.topics import AlsoFound, ParsedTopic, TopicError, parse_once
from subscribers.web.fields import too_many_topics

MANY_A_DAY = 15
# A request's first line must stay under the 4,094 bytes that gunicorn reads.
ADDRESS_CHARS = 3_000
KEPT_SECONDS = 600  # papers come a few times a day
COUNTED_AT_ONCE = 4  # each costs up to a third of a second; the others wait and are asked again


@dataclass(frozen=True)
class Offer:
    """Another phrase for a topic, and how many papers a day it finds."""

    query: str
    a_day: float

    @property
    def a_day_in_words(self) -> str:
        return rate_in_words(self.a_day)


@dataclass(frozen=True)
class TriedTopic:
    """One topic as typed and what it finds; or the sentence that says why it is none."""

    query: str
    problem: str = ""
    is_waiting: bool = False  # others were counted first; asked again, it is its turn
    volume: Volume | None = None
    offers: tuple[Offer, ...] = ()  # narrower ones where it finds much, wider ones for nothing

    @property
    def a_day(self) -> float:
        return self.volume.a_day if self.volume else 0.0

    @property
    def a_day_in_words(self) -> str:
        return rate_in_words(self.a_day)

    @property
    def is_much(self) -> bool:
        return self.a_day > MANY_A_DAY

    @property
    def most(self) -> int:
        return max(self.volume.days) if self.volume else 0

    @property
    def bars(self) -> list[Column]:
        return columns(self.volume.days if self.volume else ())


@dataclass(frozen=True)
class Also:
    """What one of the topics finds besides, and the topic that does not."""

    place: int  # of the topic among those typed
    query: str
    found: AlsoFound


@dataclass(frozen=True)
class TriedSet:
    """All topics of somebody who is about to sign up."""

    topics: list[TriedTopic]
    typed: int = 0  # how many there were: those past the most a reader may have are not tried

    @property
    def too_many(self) -> str:
        """What the form will say when it is sent, where it holds more topics than are tried."""
        return too_many_topics(self.typed) if self.typed > len(self.topics) else ""

    @property
    def is_waiting(self) -> bool:
        return any(topic.is_waiting for topic in self.topics)

    @property
    def good(self) -> list[str]:
        return [topic.query for topic in self.topics if not topic.problem]

    @property
    def a_day_in_words(self) -> str:
        """The sum of all topics; a paper that two of them find counts twice."""
        return rate_in_words(sum(topic.a_day for topic in self.topics))

    @property
    def also(self) -> list[Also]:
        """What these topics find besides what was typed: acronyms that papers spelled out."""
        found = also_found_by(self.good)
        places = enumerate(topic.query for topic in self.topics)
        return [Also(place, q, also) for place, q in places for also in found.get(q, ())]

    @property
    def address(self) -> str:
        """The part of an address that fills in these topics; the last ones may not fit."""
        kept = self.good
        while len(address := urlencode([("t", query) for query in kept])) > ADDRESS_CHARS:
            kept = kept[:-1]
        return address


def rate_in_words(a_day: float) -> str:
    """3.2, 12, 0.4; "under 0.1" where there is hardly one a fortnight; 0 for none."""
    if not a_day:
        return "0"
    if a_day < 0.1:
        return "under 0.1"
    return f"{a_day:.0f}" if a_day >= 10 else f"{a_day:.1f}".removesuffix(".0")


def try_topics(queries: Sequence[str], now: datetime) -> TriedSet:
    """Count for each topic the papers of the last 28 days that it finds; bad ones are answered.

    What was counted lately is known; of the others only the first COUNTED_AT_ONCE are counted.
    """
    with turn() as is_free:
        tried = _try_each(queries[:MAX_TOPICS], now, is_free=is_free)
    return TriedSet(tried, typed=len(queries))


def _try_each(queries: Sequence[str], now: datetime, *, is_free: bool) -> list[TriedTopic]:
    tried, counted = [], 0
    for query in queries:
        # While somebody types, one topic changes and the others are asked for again.
        key = f"tried:{sha256(query.encode()).hexdigest()}"
        topic = _known(key)
        if topic is None:
            counted += 1
            topic = _try(query, now, is_its_turn=counted <= COUNTED_AT_ONCE and is_free)
            _keep(key, topic)
        tried.append(topic)
    return tried


def _known(key: str) -> TriedTopic | None:
    kept = forgiving_cache.read_value(key)
    return kept if isinstance(kept, TriedTopic) else None


def _keep(key: str, topic: TriedTopic) -> None:
    if not topic.is_waiting:
        forgiving_cache.write_value(key, topic, KEPT_SECONDS)


def _try(query: str, now: datetime, is_its_turn: bool) -> TriedTopic:
    try:
        topic = parse_once(query)
    except TopicError as error:
        return TriedTopic(query, problem=str(error))
    return _count(query, topic, now) if is_its_turn else TriedTopic(query, is_waiting=True)


def _count(query: str, topic: ParsedTopic, now: datetime) -> TriedTopic:
    found = measure_volume(topic, now)
    others: list[tuple[str, float]] = []
    if found.a_day > MANY_A_DAY:
        others = find_narrower_topics(topic, now, enough=MANY_A_DAY)
    elif not found.total:
        others = find_wider_topics(topic, now)
    return TriedTopic(query, volume=found, offers=tuple(Offer(*other) for other in others))
