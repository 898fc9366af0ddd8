"""The lists that operators use, at 100,000 subscribers and 1,000,000 deliveries on PostgreSQL.

Fills a database of its own (READERS=, DAYS= for other sizes; some minutes), asks for each list,
search and page of the admin and of the management API, and prints medians of five: by the clock,
what a processor worked for the page, and for the database; how many queries it asked, and whether
any of these counted a whole table. Ends with 1 where the two are above 300 ms together, which is
what the clock says where nothing else runs: all these rows lie in memory, and each query is worked
at by one process. Nothing of yours is read or written.
"""

from __future__ import annotations

import os
import re
import statistics
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench_apart import run_apart  # beside this file

READERS, DAYS = int(os.environ.get("READERS", "100000")), int(os.environ.get("DAYS", "10"))
TOPICS, ROUNDS, MOST_MS = 5_000, 5, 300
# A count without a limit within it reads all there is.
_FULL_COUNT = re.compile(
    r"SELECT COUNT\(\*\) AS \"__count\" FROM \"(?!.* (WHERE|LIMIT) )", re.DOTALL
)


def main() -> None:
    fill = ["-m", "bench.fill", "--readers", str(READERS), "--topics", str(TOPICS)]
    run_apart(__file__, measure, [*fill, "--history", str(DAYS)])


def measure() -> int:
    """Ask for everything; how many were too slow, counted a whole table or failed."""
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from digest.models import Delivery, ManagementToken  # noqa: PLC0415
    from digest.models.management_tokens import SCOPES  # noqa: PLC0415
    from digest.watch.daily_figures import update_figures  # noqa: PLC0415
    from subscribers.models import Subscriber  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    operator = User.objects.create_superuser("bench", "", "x")
    token = ManagementToken(
        owner=operator, name="bench", scopes=list(SCOPES), created_at=operator.date_joined
    )
    secret = token.set_new_secret()
    token.save()
    suppress_some()
    update_figures(timezone.now())  # as beat has it done each minute
    client = Client(headers={"host": "localhost", "authorization": f"Bearer {secret}"})
    client.force_login(operator)
    print(f"{Subscriber.objects.count():,} subscribers, {Delivery.objects.count():,} deliveries")
    print(f"{'what':44} {'clock':>7} {'work':>6} {'database':>9} {'queries':>8}  (ms)")
    return sum(not report(client, name, url) for name, url in list_addresses())


def suppress_some() -> None:
    """One of a hundred readers, as after some years; they still stand in the list."""
    from subscribers.models import Subscriber, Suppression  # noqa: PLC0415

    mailboxes = Subscriber.objects.order_by("pk").values_list("mailbox", flat=True)
    rows = [Suppression(fingerprint=one, reason="bounce") for one in mailboxes[::100]]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


def list_addresses() -> list[tuple[str, str]]:
    from digest.models import Delivery, Edition  # noqa: PLC0415
    from subscribers.models import Interest, Subscriber  # noqa: PLC0415

    some = Subscriber.objects.order_by("pk")[READERS // 2]
    interest = Interest.objects.select_related("topic").order_by("pk")[READERS // 3]
    topic, broad = interest.topic, quote("topic:" + interest.topic.query)
    delivery = Delivery.objects.order_by("pk")[READERS]
    day = Edition.objects.order_by("pk")[1]
    people, mails = "/admin/subscribers/subscriber/", "/admin/digest/delivery/"
    api = "/api/v1/manage/"
    name, _, domain = some.email.partition("@")
    return [
        ("subscribers", people),
        ("subscribers, page 20", f"{people}?p=19"),
        ("subscribers by a whole address", f"{people}?q={quote(some.email)}"),
        ("subscribers by part of an address", f"{people}?q={quote(name)}"),
        ("subscribers by nothing that is there", f"{people}?q=zzzzzz"),
        ("subscribers by domain", f"{people}?q=%40{domain}"),
        ("subscribers by a domain that is not there", f"{people}?q=%40nowhere.example"),
        ("subscribers by topic", f"{people}?q={broad}"),
        ("subscribers by status", f"{people}?status__exact=active"),
        ("subscribers by a rare status", f"{people}?status__exact=pending"),
        ("subscribers by cohort", f"{people}?came={some.created_at:%Y-%m}"),
        ("subscribers, suppressed", f"{people}?address=suppressed"),
        ("a subscriber", f"{people}{some.pk}/change/"),
        ("topics", "/admin/subscribers/topic/"),
        ("topics by part", f"/admin/subscribers/topic/?q={quote(topic.query)}"),
        ("suppressions", "/admin/subscribers/suppression/"),
        ("deliveries", mails),
        ("deliveries, page 20", f"{mails}?p=19"),
        ("deliveries by address", f"{mails}?q={quote(some.email)}"),
        ("deliveries by message id", f"{mails}?q=nothing-like-it"),
        ("deliveries by status", f"{mails}?status__exact=quiet"),
        ("deliveries by a rare status", f"{mails}?status__exact=failed"),
        ("deliveries by edition", f"{mails}?edition={day.pk}"),
        ("a delivery", f"{mails}{delivery.pk}/change/"),
        ("editions", "/admin/digest/edition/"),
        ("sources", "/admin/digest/source/"),
        ("what staff did", "/admin/admin/logentry/"),
        ("bring in a list", f"{people}import/"),
        ("API: subscribers", f"{api}subscribers?limit=100"),
        ("API: subscribers by address", f"{api}subscribers?email={quote(some.email)}"),
        ("API: subscribers by domain", f"{api}subscribers?domain={domain}"),
        ("API: subscribers by topic", f"{api}subscribers?topic={quote(topic.query)}"),
        ("API: topics", f"{api}topics?limit=100"),
        ("API: an edition with its deliveries", f"{api}editions/{day.date}"),
    ]


def read_database_ms() -> float:
    """What a processor worked for our connection so far; Linux counts it in nanoseconds."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def report(client: Any, name: str, url: str) -> bool:
    """Ask so many times and print a line; whether all is as it should be."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    times, works, database = [], [], []
    asked: list[dict[str, str]] = []
    for _ in range(ROUNDS + 1):
        before = read_database_ms()
        with CaptureQueriesContext(connection) as captured:
            begun, worked = time.perf_counter(), time.process_time()
            answer = client.get(url)
            works.append((time.process_time() - worked) * 1000)
            times.append((time.perf_counter() - begun) * 1000)
        asked = list(captured)
        database.append(read_database_ms() - before)
    counts = [one["sql"] for one in asked if _FULL_COUNT.search(one["sql"])]
    work, kept = statistics.median(works[1:]), statistics.median(database[1:])
    median = work + kept
    line = f"{name:44} {statistics.median(times[1:]):7.0f} {work:6.0f} {kept:9.0f} {len(asked):8}"
    is_well = answer.status_code == 200 and median <= MOST_MS and not counts
    flaws = "" if answer.status_code == 200 else f" answered {answer.status_code}"
    flaws += f" counts all: {counts[0][:120]}" if counts else ""
    print(line + flaws + (" too slow" if median > MOST_MS else ""), flush=True)
    if median > MOST_MS:
        slowest = max(asked, key=lambda one: float(one["time"]))
        print(
            f"    {slowest['time']} s: {slowest['sql'][:400]} … {slowest['sql'][-700:]}", flush=True
        )
    return is_well


if __name__ == "__main__":
    main()
