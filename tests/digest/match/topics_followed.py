"""Topics that somebody follows, and what was found in them, for tests."""

from __future__ import annotations

from digest.models import Match
from subscribers.models import Interest, Topic
from tests.factories import make_subscriber


def follow(*queries: str) -> list[Topic]:
    subscriber = make_subscriber()
    topics = Topic.objects.get_or_create_topics(queries)
    Interest.objects.bulk_create(Interest(subscriber=subscriber, topic=t) for t in topics)
    return topics


def found() -> set[tuple[str, str]]:
    return set(Match.objects.values_list("topic__query", "paper__title"))
