"""What the crash test runs as processes of their own: fill COUNT | work | count.

Its minutes last a second, so that leases, pauses and retries come round within a test.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import django

django.setup()

from digest.deliver import RunOptions, deliver_planned, sweep  # noqa: E402
from digest.models import Delivery, Edition  # noqa: E402
from subscribers.models import Subscriber  # noqa: E402
from tests.factories import NOW, make_paper  # noqa: E402

SPEED = 60
LEASE = timedelta(minutes=3)
SIZE = 20


def fill(count: int) -> None:
    item = {"id": make_paper().pk, "section": "new", "topics": [[1, "papers", "Paper"]]}
    addresses = [f"reader{n}@example.org" for n in range(count)]
    rows = [Subscriber(email=a, status="active", confirmed_at=NOW) for a in addresses]
    readers = Subscriber.objects.bulk_create(rows)
    edition, contents = Edition.objects.create(date=NOW.date()), {"papers": [item]}
    Delivery.objects.bulk_create(
        Delivery(subscriber=reader, edition=edition, covers_until=NOW, contents=contents)
        for reader in readers
    )


def now() -> datetime:
    return NOW + timedelta(seconds=(time.time() - float(os.environ["CRASH_START"])) * SPEED)


def work() -> None:
    """As beat does, only without a break: deliver and sweep until nothing is open."""
    while Delivery.objects.filter(status__in=["planned", "claimed"]).exists():
        deliver_planned(now(), options=RunOptions(size=SIZE))
        sweep(now(), LEASE)
        time.sleep(0.05)


def count() -> None:
    states = {str(k): status for k, status in Delivery.objects.values_list("key", "status")}
    print(json.dumps({"states": states, "counts": Counter(states.values())}))


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {"fill": fill, "work": work, "count": count}
    commands[sys.argv[1]](*map(int, sys.argv[2:]))
