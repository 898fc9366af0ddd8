"""What a stranger can learn by the clock, and what floods do to everybody else: `--help`.

The site runs as in production and is asked over HTTP on this machine: gunicorn as
shipped, a worker, a database, an outbox and counters that are this run's own; under
scripts/with_services.py these are PostgreSQL and Redis. Exits with 1 where a promise breaks.
"""

from __future__ import annotations

import argparse
import email
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench_papers import KNOWN, fill
from distributions import mann_whitney, overlap, p95
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from door_site import Answer, Line, Visitor, ask_all, fresh_network, in_a_process, served, stamped
from with_services import stop_on_termination

from config.celery import app
from subscribers.models import Mailbox, Subscriber
from subscribers.signup import send_confirmation

UNKNOWN = "unknown"
CLASSES = ("active", "unsubscribed", "pending", UNKNOWN)
SIGNIFICANT = 0.01
CALM_P95_MS, CALM_SECONDS = 300, 10
A_MINUTE = 1_100
ASKED_AT_ONCE, FLOODED_AT_ONCE = 4, 20
PARTS = ("clock", "floods", "previews")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000, help="addresses of each class")
    parser.add_argument("--flood", type=int, default=1000, help="sign-ups; ten times at one victim")
    parser.add_argument(
        "--pace", type=int, default=A_MINUTE, help="of a flood, in sign-ups a minute"
    )
    parser.add_argument("--seconds", type=int, default=30, help="how long previews are flooded")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    arguments = parser.parse_args()
    stop_on_termination()
    with served() as port:
        print(f"On {connection.vendor}, counters in {settings.CACHES['default']['BACKEND']}")
        pages = [path for _, path in fill()]
        parts: dict[str, Callable[[], bool]] = {
            "clock": lambda: _time_all(port, arguments.people),
            "floods": lambda: _flood_all(port, arguments.flood, arguments.pace),
            "previews": lambda: _flood_previews(port, arguments.seconds),
        }
        _warm(port, pages)
        fine = [parts[name]() for name in arguments.only]
    return 0 if all(fine) else 1


def _warm(port: int, pages: list[str]) -> None:
    lines = [Line(port) for _ in range(8)]
    for path in (*pages[:6], "/subscribe/", "/search?q=robot"):
        for line in lines:
            line.get(path, fresh_network())


# The clock


def _time_all(port: int, people: int) -> bool:
    """Time the two pages that take an address, the classes in random order among each other."""
    names = {kind: [f"{kind}{n}@example{n % 50}.org" for n in range(people)] for kind in CLASSES}
    now = timezone.now()
    rows = {
        "active": {"confirmed_at": now, "next_digest_at": now},
        "unsubscribed": {"confirmed_at": now, "unsubscribed_at": now},
        "pending": {},
    }
    for kind, dates in rows.items():
        people_of = [Subscriber(email=email, status=kind, **dates) for email in names[kind]]
        Subscriber.objects.bulk_create(people_of)
    # Links first: a sign-up makes pending ones of the unknown.
    fine = [
        _time_page(port, "lost link", "/preferences/", {}, names),
        _time_page(port, "sign-up", "/subscribe/", {"topics": "RAG"}, names),
    ]
    Subscriber.objects.all().delete()
    Mailbox.objects.all().delete()
    return all(fine)


def _time_page(
    port: int, name: str, path: str, fields: dict[str, str], names: dict[str, list[str]]
) -> bool:
    asked = [(kind, email) for kind, emails in names.items() for email in emails]
    random.Random(7).shuffle(asked)
    posts = [(path, stamped(fields | {"email": email}), fresh_network()) for _, email in asked]
    answers = in_a_process(partial(ask_all, port, ASKED_AT_ONCE, posts))
    taken: dict[str, list[float]] = {kind: [] for kind in names}
    said = set()
    for (kind, address), answer in zip(asked, answers, strict=True):
        assert answer.status == 200, answer.status
        taken[kind].append(answer.ms)
        headers = [(name, value) for name, value in answer.headers if name not in ("Date",)]
        # The page repeats the address; its length differs from one kind to another.
        headers = [h for h in headers if h[0] != "Content-Length"]
        said.add((tuple(headers), answer.body.replace(address, "…")))
    title = f"{name}, {len(asked)} answers, ms"
    print(f"\n{title:32}{'median':>9}{'mean':>9}{'p95':>9}{'p':>8}  overlap")
    fine = [_row(kind, times, taken[UNKNOWN]) for kind, times in taken.items()]
    print(f"  different answers but for the address: {len(said)}")
    return all(fine) and len(said) == 1


def _row(kind: str, times: list[float], unknown: list[float]) -> bool:
    figures = statistics.median(times), statistics.fmean(times), p95(times)
    said = f"  {kind:30}" + "".join(f"{figure:9.2f}" for figure in figures)
    if kind == UNKNOWN:
        print(said)
        return True
    p = mann_whitney(times, unknown)
    print(f"{said}{p:8.3f}{overlap(times, unknown):9.0%}", flush=True)
    return p >= SIGNIFICANT


# Floods


def _flood_all(port: int, size: int, pace: int) -> bool:
    """From one network, from many, and at one victim in every spelling."""
    one, victim = fresh_network(), "victim@example.org"
    floods = {
        "from one network": [(f"a{n}@example.org", one) for n in range(size)],
        "from as many networks": [(f"b{n}@gmail.com", fresh_network()) for n in range(size)],
        "at one victim": [(_spelled(victim, n), fresh_network()) for n in range(10 * size)],
    }
    columns = f"{'a minute':>10}{'429':>7}{'letters':>9}{'visitor p95':>13}{'newcomers':>11}"
    print(f"\nfloods{'answers':>31}{columns}")
    _begin_anew()
    print(f"  {'nobody':26}{'':35}{_calm_p95(port):10.0f} ms", flush=True)
    fine = [_flood(port, name, asked, pace) for name, asked in floods.items()]
    return all(fine)


def _calm_p95(port: int) -> float:
    """The visitor's, while there is no flood: what this machine is worth at the moment."""
    with Visitor(port) as visitor:
        time.sleep(CALM_SECONDS)
    return visitor.p95


def _flood(port: int, name: str, asked: list[tuple[str, str]], pace: int) -> bool:
    _begin_anew()
    fields = {"topics": "RAG"}
    posts = [("/subscribe/", stamped(fields | {"email": to}), network) for to, network in asked]
    begun = time.monotonic()
    with Visitor(port) as visitor:
        answers = in_a_process(partial(ask_all, port, FLOODED_AT_ONCE, posts, pace))
    a_minute = len(answers) / (time.monotonic() - begun) * 60
    letters = _letters(len(asked))
    to_victim = sum(count for to, count in letters.items() if to.startswith("victim"))
    refused = sum(answer.status == 429 for answer in answers)
    served_too = sum(letters[to] == 1 for to in visitor.newcomers)
    print(
        f"  {name:26}{len(answers):9}{a_minute:10.0f}{refused:7}{letters.total() - served_too:9}"
        f"{visitor.p95:10.0f} ms{served_too:7} of {len(visitor.newcomers)}",
        flush=True,
    )
    is_calm = visitor.p95 < CALM_P95_MS and not visitor.failures
    return is_calm and to_victim <= 1 and served_too == len(visitor.newcomers)


def _spelled(victim: str, n: int) -> str:
    local, _, domain = victim.partition("@")
    return victim if n % 2 else f"{local}+{n}@{domain}"


def _begin_anew() -> None:
    if settings.REDIS_URL:
        app.control.purge()  # what the part before has left to do would slow this one down
    cache.clear()
    Subscriber.objects.all().delete()
    Mailbox.objects.all().delete()
    for path in Path(settings.OUTBOX_DIR).glob("*.eml"):
        path.unlink()


def _letters(most: int) -> Counter[str]:
    """Letters by address, once nothing waits any more; the worker's sweep is done here at once."""
    for _ in range(most // send_confirmation.SWEPT_AT_ONCE + 2):
        send_confirmation.send_waiting(timezone.now())
    time.sleep(1)  # what the worker has begun
    files = Path(settings.OUTBOX_DIR).glob("*.eml")
    return Counter(str(email.message_from_bytes(path.read_bytes())["To"]) for path in files)


# Previews


def _flood_previews(port: int, seconds: int) -> bool:
    """Twenty clients ask for topics nobody asked for before, which papers hold in plenty."""
    _begin_anew()
    _begin_anew()
    columns = f"{'answers':>16}{'a minute':>10}{'visitor p95':>13}"
    print(f"\npreviews, {FLOODED_AT_ONCE} clients{columns}")
    print(f"  {'nobody':31}{'':18}{_calm_p95(port):10.0f} ms", flush=True)
    fine = []
    for name, path in (("of numbers", "/preview/"), ("of a mail", "/preview/mail/")):
        with Visitor(port) as visitor:
            answers = in_a_process(partial(_ask_for, port, seconds, path))
        a_minute = len(answers) / seconds * 60
        statuses = dict(Counter(answer.status for answer in answers))
        print(
            f"  {name:31}{len(answers):8}{a_minute:10.0f}{visitor.p95:10.0f} ms  {statuses}",
            flush=True,
        )
        fine.append(visitor.p95 < CALM_P95_MS and not visitor.failures and 500 not in statuses)
    return all(fine)


def _ask_for(port: int, seconds: int, path: str) -> list[Answer]:
    end = time.monotonic() + seconds

    def ask(client: int) -> list[Answer]:
        line, chance, answers = Line(port), random.Random(client), list[Answer]()
        while time.monotonic() < end:
            words = [" + ".join(chance.sample(KNOWN, 2)) for _ in range(4)]
            query = "&".join(f"t={word.replace(' + ', '+%2B+')}" for word in words)
            answers.append(line.get(f"{path}?{query}", f"203.0.113.{client}"))
        return answers

    with ThreadPoolExecutor(FLOODED_AT_ONCE) as clients:
        return [answer for some in clients.map(ask, range(FLOODED_AT_ONCE)) for answer in some]


if __name__ == "__main__":
    sys.exit(main())
