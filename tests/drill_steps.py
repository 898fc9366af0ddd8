"""The steps of the restore drill: fill COUNT | compose | deliver SIZE | count.

Each acts at the moment that DRILL_NOW names.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import django
from django.conf import settings

if __name__ == "__main__":
    django.setup()

from digest.compose import compose_due
from digest.deliver import RunOptions, deliver_planned
from digest.deliver.audit import audit
from digest.models import Delivery
from subscribers.models import Interest, Subscriber
from tests.factories import make_match, make_paper, make_topic

QUERY = "diffusion policy"


def now() -> datetime:
    return datetime.fromisoformat(os.environ["DRILL_NOW"])


def fill(count: int) -> None:
    """Readers who all follow one topic: four in five are due at eight, the others at ten."""
    start = now()
    paper = make_paper(first_seen_at=start, published_at=start, news_at=start)
    make_match(paper, QUERY)
    rows = [
        Subscriber(
            email=f"reader{n}@example.org",
            status="active",
            confirmed_at=start - timedelta(days=9),
            send_hour=10 if n % 5 == 0 else 8,
            next_digest_at=start.replace(hour=10 if n % 5 == 0 else 8),
        )
        for n in range(count)
    ]
    readers, topic = Subscriber.objects.bulk_create(rows), make_topic(QUERY)
    Interest.objects.bulk_create(Interest(subscriber=one, topic=topic) for one in readers)


def compose() -> str:
    return str(compose_due(now()).planned)


def deliver(size: int) -> str:
    """So many, and no more: one call at a time."""
    settings.DELIVER_CALLS_AT_ONCE = 1
    done: list[int] = []
    options = RunOptions(size=size, keep_going=lambda: sum(done) < size, progress=done.append)
    report = deliver_planned(now(), options=options)
    return f"{report.stopped} {dict(report.counts)}"


def count() -> str:
    statuses = Counter(Delivery.objects.values_list("status", flat=True))
    broken = [f"{one.promise}: {one.broken}" for one in audit(now()) if one.broken]
    return json.dumps({"statuses": statuses, "broken": broken})


STEPS: dict[str, Callable[..., str | None]] = {
    "fill": fill,
    "compose": compose,
    "deliver": deliver,
    "count": count,
}

if __name__ == "__main__":
    print(STEPS[sys.argv[1]](*map(int, sys.argv[2:])) or "")
