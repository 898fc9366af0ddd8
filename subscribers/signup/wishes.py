"""What somebody asks for at sign-up: how it is stored, what comes of it, how it takes effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from subscribers.models import AS_TYPED, MAX_TOPICS, Interest, Subscriber, Topic
from subscribers.models.public_spelling import spell_followed, spell_left
from subscribers.topics import parse_topic


@dataclass(frozen=True)
class Wishes:
    """What somebody asked for at sign-up; `topics` as typed, `send_hour` local."""

    topics: list[str]
    timezone: str = "UTC"
    send_hour: int = 8
    cadence: str = Subscriber.Cadence.DAILY
    max_papers: int = 10

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Wishes | None:
        """What `to_json` made of some wishes; None of {}, which stands for none."""
        return cls(**stored) if stored else None

    @classmethod
    def from_subscriber(cls, subscriber: Subscriber) -> Wishes:
        """What stands in the row of whoever never asked at sign-up: an operator wrote it."""
        follows = subscriber.interests.follows()
        return cls(
            list(follows.values_list(AS_TYPED, flat=True)),
            subscriber.timezone,
            subscriber.send_hour,
            subscriber.cadence,
            subscriber.max_papers,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def often(self) -> str:
        return str(Subscriber.Cadence(self.cadence).label)

    @property
    def mark(self) -> str:
        """A short name for exactly these wishes: a button that says it confirms no others."""
        return sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Gain:
    """What comes of a wish's topics when it is confirmed, as typed."""

    added: list[str]
    known: list[str]  # followed already
    left_out: list[str]  # there is no room for them
    most: int = MAX_TOPICS


def foresee_gain(subscriber: Subscriber, wishes: Wishes) -> Gain:
    """What `follow_topics` would do with these wishes now."""
    if not subscriber.is_active:
        return Gain(wishes.topics, [], [])
    follows = subscriber.interests.follows()
    rows = list(follows.values_list("topic__normal_form", "topic__query"))
    forms, queries = {form for form, _ in rows}, {query for _, query in rows}
    parsed = [(query, parse_topic(query)) for query in wishes.topics]
    known = [q for q, topic in parsed if topic.normal_form in forms or topic.query in queries]
    fresh = [query for query in wishes.topics if query not in known]
    room = _count_room(len(rows))
    return Gain(fresh[:room], known, fresh[room:])


def start_afresh(subscriber: Subscriber, wishes: Wishes) -> None:
    """Drop every interest and take over the schedule of these wishes."""
    topics = list(subscriber.interests.values_list("topic_id", flat=True))
    subscriber.interests.all().delete()
    spell_left(topics)
    set_schedule(subscriber, wishes)
    subscriber.save(
        update_fields=["timezone", "send_hour", "cadence", "max_papers", "paused_until"]
    )


def set_schedule(subscriber: Subscriber, wishes: Wishes) -> None:
    """Set when their digests come and how long they are, without saving; no pause stays."""
    subscriber.timezone = wishes.timezone
    subscriber.send_hour = wishes.send_hour
    subscriber.cadence = wishes.cadence
    subscriber.max_papers = wishes.max_papers
    subscriber.paused_until = None


def follow_topics(subscriber: Subscriber, topics: list[Topic]) -> None:
    """Add topics, as far as there is room for them; a muted one becomes a followed one."""
    follows = subscriber.interests.follows()
    known = set(follows.values_list("topic_id", flat=True))
    added = [topic for topic in topics if topic.pk not in known][: _count_room(len(known))]
    subscriber.interests.filter(topic__in=added).delete()
    Interest.objects.bulk_create(
        [Interest(subscriber=subscriber, topic=topic, typed=topic.typed) for topic in added],
        ignore_conflicts=True,
    )
    spell_followed(added)


def _count_room(followed: int) -> int:
    """How many more may be followed; an operator may have given somebody more than the most."""
    return max(0, MAX_TOPICS - followed)
