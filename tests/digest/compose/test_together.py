"""Composing many at once, as one run does, chooses for each what composing for them alone does."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction

from digest.compose import compose_due
from digest.match import match_papers
from digest.models import Delivery, Paper
from subscribers.models import Interest, Subscriber, Topic
from tests.factories import NOW, make_paper, make_source, make_subscriber

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAID = (
    "diffusion policy robot image restoration dehazing language model graph network retrieval "
    "generation segmentation transformer reinforcement learning agent memory gripper vision"
)
# Each in the spellings of several readers.
TOPICS = [
    ("diffusion policy", "Diffusion Policies", "diffusion-policy"),
    ("image restoration", "Image restoration"),
    ("language model", "Language Models"),
    ('"language model"',),
    ("retrieval + generation", "generation + retrieval"),
    ("robot -graph", "robots -graph"),
    ("title:agent",),
    ("cat:cs.RO", "cat:cs.ro"),
    ("reinforcement learning",),
    ("memory", "memories"),
]


def say(random: Random, words: int) -> str:
    return " ".join(random.choices(SAID.split(), k=words)).capitalize()


def add_papers(random: Random, count: int, until: datetime, days: int) -> None:
    source = make_source()
    for _ in range(count):
        at = until - random.randrange(24 * days) * HOUR - HOUR
        make_paper(
            source,
            title=say(random, random.randrange(3, 8)),
            abstract=". ".join(say(random, 9) for _ in range(random.randrange(5))),
            categories=random.choice([["cs.RO", "cs.LG"], ["cs.CL"], []]),
            trend=random.choice([0.0, 0.0, 1.5, 7.0]),
            first_seen_at=at,
            news_at=at,
            published_at=at,
        )


def add_reader(random: Random) -> None:
    reader = make_subscriber(
        cadence=random.choice(["daily", "daily", "weekly"]),
        timezone=random.choice(["UTC", "Asia/Tokyo"]),
        max_papers=random.choice([1, 3, 10]),
        wants_near=random.random() < 0.8,
        wants_passing=random.random() < 0.3,
        wants_everywhere=random.random() < 0.3,
    )
    chosen = random.sample(TOPICS, random.randrange(1, 5))
    topics = Topic.objects.get_or_create_topics(map(random.choice, chosen))
    for place, topic in enumerate(topics):
        mode = "mute" if place and random.random() < 0.2 else "follow"
        Interest.objects.create(subscriber=reader, topic=topic, typed=topic.typed, mode=mode)


def tell_contents(delivery: Delivery | None) -> tuple[Any, ...]:
    return (delivery.quiet_reason, delivery.contents) if delivery else ()


def find_new(reader: Subscriber, before: int) -> Delivery | None:
    return reader.deliveries.filter(pk__gt=before).first()


def compose_days(random: Random) -> int:
    """Two days of which half of the readers have had the first; the last delivery before them."""
    add_papers(random, 100, NOW, days=8)
    for _ in range(60):
        add_reader(random)
    match_papers(NOW)
    had_one = random.sample(list(Subscriber.objects.values_list("pk", flat=True)), 30)
    Subscriber.objects.exclude(pk__in=had_one).update(next_digest_at=NOW + DAY)
    compose_due(NOW)
    add_papers(random, 40, NOW + DAY, days=1)
    for paper in random.sample(list(Paper.objects.filter(news_at__lt=NOW)), 10):
        Paper.objects.filter(pk=paper.pk).update(news_at=NOW + DAY - HOUR, available_at=None)
    match_papers(NOW + DAY)
    Subscriber.objects.update(next_digest_at=NOW + DAY)
    return Delivery.objects.latest("pk").pk


@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_gets_what_they_would_get_alone(seed: int) -> None:
    random = Random(seed)
    before = compose_days(random)
    alone = {}
    for reader in Subscriber.objects.all():
        with transaction.atomic():
            compose_due(NOW + DAY, only=reader.email)
            alone[reader.pk] = tell_contents(find_new(reader, before))
            transaction.set_rollback(True)
    compose_due(NOW + DAY)
    for reader in Subscriber.objects.all():
        assert tell_contents(find_new(reader, before)) == alone[reader.pk]
        _check_own(reader)
    sections = {item.section for one in Delivery.objects.all() for item in one.digest.papers}
    assert {"new", "near", "passing"} <= sections


def _check_own(reader: Subscriber) -> None:
    """Each paper once, by topics that they follow, as they typed them."""
    typed = dict(reader.interests.follows().values_list("topic_id", "typed"))
    items = [item for one in reader.deliveries.all() for item in one.digest.papers]
    assert max(Counter(item.paper_id for item in items).values(), default=1) == 1
    for reason in (reason for item in items for reason in item.reasons):
        assert reason.query == typed[reason.topic_id]
