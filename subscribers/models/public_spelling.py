"""How a topic that many follow is spelled where all can see it.

The plainest of what its followers typed: of several that are as plain, the one that stood first.
What somebody typed leaves with them, and what only those who mute it typed is never shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import IntegrityError, transaction
from django.db.models import Exists, Min, OuterRef

from subscribers.models.topics import Interest, Topic
from subscribers.topics.plainness import rank_plainness


def spell_followed(topics: Iterable[Topic]) -> None:
    """After somebody followed these: what they typed is shown where it is plainer."""
    other = [topic for topic in topics if topic.typed not in ("", topic.query)]
    for topic in other:
        if rank_plainness(topic.typed) < rank_plainness(topic.query):
            _replace_spelling(topic, topic.typed)
    spell_left([topic.pk for topic in other])


def spell_left(topic_ids: Collection[int]) -> None:
    """After somebody left these: what none of the other followers typed is shown no more."""
    follows = Interest.objects.follows().filter(topic=OuterRef("pk"))
    spelled_so = Exists(follows.filter(typed__in=[OuterRef("query"), ""]))
    left = Topic.objects.filter(pk__in=topic_ids).filter(Exists(follows)).exclude(spelled_so)
    for topic in left:
        rows = Interest.objects.follows().filter(topic=topic).order_by()
        first = rows.values("typed").annotate(first=Min("pk"))
        typed = [row["typed"] for row in sorted(first, key=lambda row: row["first"])]
        _replace_spelling(topic, min(typed, key=rank_plainness))


def _replace_spelling(topic: Topic, query: str) -> None:
    """Where it is still spelled as it was read, and no other topic is spelled so."""
    try:
        with transaction.atomic():
            Topic.objects.filter(pk=topic.pk, query=topic.query).update(query=query)
    except IntegrityError:  # a row of an earlier release, which meant another thing by it
        return
