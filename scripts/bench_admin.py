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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench_apart import run_apart  # beside this file

READERS, DAYS = int(os.environ.get("READERS", "100000")), int(os.environ.get("DAYS", "10"))
ONLY = os.environ.get("ONLY", "")  # lines whose name holds this
TOPICS, ROUNDS, MOST_MS = 5_000, 5, 300
DOINGS, MOST_DOING_MS, LISTED = 3, 2_000, 50  # rows on a page of a list
# Who must be in another state before an act changes anything, and what is typed into its form.
STATES = {"resend", "resume", "restore", "lift", "suppress"}
TYPED = {
    "pause": {"until": f"{datetime.now(UTC).date() + timedelta(days=30)}"},
    "move": {"new_email": "moved@example.org", "how": "at-once"},
}
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
    flaws = sum(not report(client, name, url) for name, url in list_addresses())
    return flaws + report_acts(client)


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


def report_acts(client: Any) -> int:
    """The page of each act, and its doing, for one and for as many as may be chosen at once."""
    from digest.models import Delivery, Source  # noqa: PLC0415
    from subscribers.admin.act_views import MOST_AT_ONCE, build_address  # noqa: PLC0415
    from subscribers.admin.acts import ACTS  # noqa: PLC0415

    flaws = 0
    for name, act in ACTS.items():
        ids = make_ready(name, MOST_AT_ONCE)
        for count in (1,) if act.is_for_one else (1, MOST_AT_ONCE):
            page, said = build_address(act, ids[:count]), f"{act.label}, {count}"
            typed = {"id": ids[:count], **TYPED.get(name, {})}
            flaws += not report(client, f"{said}: its page", page)
            flaws += not report_doing(client, said, page, typed)
    doubtful = {"status": "in_doubt", "maybe_sent_at": f"{day_ago():%Y-%m-%d %H:%M}+00:00"}
    mails = list(Delivery.objects.order_by("-pk").values_list("pk", flat=True)[:LISTED])
    Delivery.objects.filter(pk__in=mails).update(
        **doubtful, claimed_at=day_ago(), sent_at=None, message_id="", quiet_reason=""
    )
    sources = list(Source.objects.values_list("pk", flat=True)[:LISTED])
    for kind, ids, actions in (
        ("delivery", mails, ("look_again", "settle_as_sent", "mail_again")),
        ("source", sources, ("ask_now", "stop", "resume")),
    ):
        for action in actions:
            typed = {"action": action, "_selected_action": ids}
            said, page = f"{kind}: {action}, {len(ids)}", f"/admin/digest/{kind}/"
            flaws += not report_doing(client, said, page, typed)
    return flaws


def make_ready(act: str, count: int) -> list[int]:
    """Bring so many subscribers into the state in which this act would change something."""
    from django.utils import timezone  # noqa: PLC0415

    from subscribers.models import ConsentEvent, Subscriber, Suppression  # noqa: PLC0415

    now, place = timezone.now(), sorted(STATES).index(act) if act in STATES else len(STATES)
    rows = list(Subscriber.objects.order_by("-pk")[place * count : (place + 1) * count])
    ids = [row.pk for row in rows]
    same = Subscriber.objects.filter(pk__in=ids)
    if act == "resend":
        same.update(status="pending", confirmed_at=None, wishes={"topics": ["RAG"]})
    elif act == "resume":
        same.update(paused_until=now + timedelta(days=9))
    elif act == "restore":
        same.update(status="unsubscribed", unsubscribed_at=now)
        left = {"kind": "left", "happened_at": now, "noted_at": now, "by": "bench"}
        ConsentEvent.objects.bulk_create([ConsentEvent(subscriber=row, **left) for row in rows])
    elif act == "lift":
        gone = [Suppression(fingerprint=row.mailbox, reason="manual") for row in rows]
        Suppression.objects.bulk_create(gone, ignore_conflicts=True)
    elif act == "suppress":
        Suppression.objects.filter(fingerprint__in=[row.mailbox for row in rows]).delete()
    return ids


def day_ago() -> datetime:
    from django.utils import timezone  # noqa: PLC0415

    return timezone.now() - timedelta(days=1)


def report_doing(client: Any, name: str, url: str, typed: dict[str, Any]) -> bool:
    """Do it so many times, each time taken back, and print a line; whether all is well."""
    from django.db import connection, transaction  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    if ONLY not in name:
        return True
    times, works, database = [], [], []
    for _ in range(DOINGS):
        connection.queries_log.clear()  # holds 9,000, and forgets the first
        before = read_database_ms()
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            begun, worked = time.perf_counter(), time.process_time()
            answer = client.post(url, typed)
            b"".join(answer.streaming_content) if answer.streaming else answer.content
            works.append((time.process_time() - worked) * 1000)
            times.append((time.perf_counter() - begun) * 1000)
            transaction.set_rollback(True)
        database.append(read_database_ms() - before)
    work, kept, clock = map(statistics.median, (works, database, times))
    is_done = answer.status_code in (200, 302)
    flaws = "" if is_done else f" answered {answer.status_code}"
    flaws += " too slow" if work + kept > MOST_DOING_MS else ""
    print(f"{name:44} {clock:7.0f} {work:6.0f} {kept:9.0f} {len(captured):8}{flaws}", flush=True)
    return not flaws


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

    if ONLY not in name:
        return True
    times, works, database = [], [], []
    asked: list[dict[str, str]] = []
    for _ in range(ROUNDS + 1):
        connection.queries_log.clear()  # holds 9,000, and forgets the first
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
