"""The rows of `make trouble`: digests that are planned, people who sign up, and what is unwell."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from config.worker_settings import QUEUES
from digest.models import Delivery, Edition, Paper, Source
from digest.tasks import answer
from digest.watch import heartbeat
from subscribers.models import Interest, Subscriber, Topic
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from subscribers.tasks import send_confirmation
from tests.factories import make_paper, make_source

PHRASES = [f"subject{n} model{n}" for n in range(30)]
PAPERS = 120
BUSY_READERS = 10


def prepare() -> None:
    """An edition and papers for it; no source but our own is ever asked."""
    call_command("migrate", verbosity=0)
    Source.objects.update(is_active=False)
    now = timezone.now()
    quiet = make_source(is_active=False)
    for n in range(PAPERS):
        title = f"{PHRASES[n % len(PHRASES)]} in paper {n}"
        make_paper(quiet, title=title, published_at=now, first_seen_at=now, news_at=now)
    Edition.objects.get_or_create(date=now.date())


def plan_digest(name: str) -> None:
    """One row for a new reader, as a composed one."""
    now = timezone.now()
    reader = Subscriber.objects.create(
        email=_make_address(name),
        status="active",
        confirmed_at=now,
        next_digest_at=now + timedelta(days=1),
    )
    paper = Paper.objects.order_by("pk")[0]
    item = {"id": paper.pk, "section": "new", "topics": [[1, "papers", "Paper"]]}
    edition, _ = Edition.objects.get_or_create(date=now.date())
    Delivery.objects.create(
        subscriber=reader, edition=edition, covers_until=now, contents={"papers": [item]}
    )


def sign_up(name: str) -> None:
    """As the page does."""
    wishes = Wishes([PHRASES[0]])
    subscriber_id = opt_in.request_confirmation(_make_address(name), wishes, timezone.now())
    send_confirmation.apply_async((subscriber_id,), retry=False)


def _make_address(name: str) -> str:
    """At a domain of its own: so many letters to one would be too many an hour."""
    return f"{name}@{name}.example.org"


def add_trouble(feeds: list[str]) -> None:
    """Sources at these addresses, and readers with many topics: all of them due."""
    for url in feeds:
        make_source(url=url)
    topics = Topic.objects.get_or_create_topics(PHRASES)
    now = timezone.now()
    readers = Subscriber.objects.bulk_create(
        Subscriber(email=f"busy{n}@example.org", status="active", confirmed_at=now)
        for n in range(BUSY_READERS)
    )
    Interest.objects.bulk_create(
        Interest(subscriber=reader, topic=topic) for reader in readers for topic in topics
    )


def keep_due(feeds: list[str]) -> None:
    """Whatever was asked or composed a moment ago is due again."""
    Source.objects.filter(url__in=feeds).update(next_fetch_at=None)
    Subscriber.objects.filter(email__startswith="busy").update(next_digest_at=None)


def ask_queues() -> None:
    """As beat does every half minute: the workers shall say that they look into each queue."""
    for queue in QUEUES:
        answer.apply_async((queue,), queue=queue)


def find_silent_queues() -> list[str]:
    return heartbeat.find_silent(QUEUES, timezone.now())
