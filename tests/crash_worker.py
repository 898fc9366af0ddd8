"""The process that the crash test talks to: fill COUNT | work | alive | count, one a line.

Each `work` is a process of its own, forked as celery forks its workers, so that none of them has to
load Django first. Its minutes last a second, so that leases, pauses and retries come round within a
test.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from digest.deliver import RunOptions, deliver_planned, sweep  # noqa: E402
from digest.models import Delivery, Edition  # noqa: E402
from subscribers.models import Subscriber  # noqa: E402
from tests.factories import NOW, make_paper  # noqa: E402

SPEED = 60
LEASE = timedelta(minutes=3)
SIZE = 20


def fill(count: int) -> None:
    call_command("migrate", verbosity=0)
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


def count() -> str:
    states = {str(k): status for k, status in Delivery.objects.values_list("key", "status")}
    return json.dumps({"states": states, "counts": Counter(states.values())})


def serve() -> None:
    """Answer every line with one, until there are no more."""
    fork = multiprocessing.get_context("fork")
    workers: list[multiprocessing.process.BaseProcess] = []
    assert get_resolver().url_patterns  # loaded once, for all that are forked
    for line in sys.stdin:
        command, *words = line.split()
        answer = ""
        if command == "fill":
            fill(*map(int, words))
        elif command == "work":
            os.environ.setdefault("CRASH_START", str(time.time()))
            workers.append(fork.Process(target=work))
            workers[-1].start()
            answer = str(workers[-1].pid)
        elif command == "alive":
            answer = " ".join(str(worker.pid) for worker in workers if worker.is_alive())
        elif command == "count":
            answer = count()
        connections.close_all()  # a connection is never shared with what is forked
        print(answer, flush=True)


if __name__ == "__main__":
    serve()
