"""What a stranger can learn by the clock, and what a flood of sign-ups does: `--help`.

The site answers in this process, on a database, an outbox and counters that are this run's own;
under scripts/with_services.py these are PostgreSQL and Redis. Exits with 1 where a promise breaks.
"""

# ruff: noqa: E402 (Django must know where things are before anything of ours is imported)
from __future__ import annotations

import argparse
import atexit
import logging
import math
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = TemporaryDirectory(prefix="offprint-door-")
atexit.register(FOLDER.cleanup)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": FOLDER.name}

import django

django.setup()

from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from django.utils import timezone

from subscribers import confirmation, limits, tokens
from subscribers.models import Subscriber

UNKNOWN = "unknown"
CLASSES = ("active", "unsubscribed", "pending", UNKNOWN)
SIGNIFICANT = 0.01
CALM_P95_MS = 300
_network = count()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000, help="addresses of each class")
    parser.add_argument("--flood", type=int, default=1000, help="sign-ups of each flood")
    arguments = parser.parse_args()
    setup_test_environment()
    logging.disable(logging.WARNING)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    before = setup_databases(verbosity=0, interactive=False)
    try:
        print(f"On {connection.display_name}, counters in {settings.CACHES['default']['BACKEND']}")
        fine = [_time_all(arguments.people), _flood_all(arguments.flood)]
    finally:
        teardown_databases(before, verbosity=0)
    return 0 if all(fine) else 1


# The clock


def _time_all(people: int) -> bool:
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
    limits.SIGN_UPS_IN_ALL = limits.LINKS_IN_ALL = 10**9
    # Links first: a sign-up makes pending ones of the unknown.
    pages = [("lost link", "/preferences/", {}), ("sign-up", "/subscribe/", {"topics": "RAG"})]
    fine = [_time_page(*page, names) for page in pages]
    return all(fine)


def _time_page(name: str, path: str, fields: dict[str, str], names: dict[str, list[str]]) -> bool:
    asked = [(kind, email) for kind, emails in names.items() for email in emails]
    random.Random(7).shuffle(asked)
    taken: dict[str, list[float]] = {kind: [] for kind in names}
    for kind, email in asked:
        status, ms = _post(path, fields | {"email": email}, _fresh_network())
        assert status == 200, status
        taken[kind].append(ms)
    title = f"{name}, {len(asked)} answers, ms"
    print(f"\n{title:32}{'median':>9}{'mean':>9}{'p95':>9}{'p':>8}  overlap")
    fine = [_row(kind, times, taken[UNKNOWN]) for kind, times in taken.items()]
    return all(fine)


def _row(kind: str, times: list[float], unknown: list[float]) -> bool:
    figures = statistics.median(times), statistics.fmean(times), _p95(times)
    said = f"  {kind:30}" + "".join(f"{figure:9.2f}" for figure in figures)
    if kind == UNKNOWN:
        print(said)
        return True
    p = mann_whitney(times, unknown)
    print(f"{said}{p:8.3f}{overlap(times, unknown):9.0%}")
    return p >= SIGNIFICANT


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """The chance (two-sided) of ranks so different if both came from one distribution."""
    ranked = sorted((value, group) for group, values in enumerate((one, other)) for value in values)
    ranks = sum(rank for rank, (_, group) in enumerate(ranked, 1) if group == 0)
    n, m = len(one), len(other)
    middle, spread = n * (n + m + 1) / 2, math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(ranks - middle) / spread / math.sqrt(2))


def overlap(one: Sequence[float], other: Sequence[float], bins: int = 20) -> float:
    """The share of both distributions that is common, over bins that hold equally many."""
    edges = statistics.quantiles([*one, *other], n=bins)
    shares = [_shares(values, edges) for values in (one, other)]
    return float(sum(min(pair) for pair in zip(*shares, strict=True)))


def _shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    below = [sum(value <= edge for value in values) for edge in edges]
    steps = zip([0, *below], [*below, len(values)], strict=True)
    return [(after - before) / len(values) for before, after in steps]


# The flood


def _flood_all(size: int) -> bool:
    """From one network, from many, and at one victim in every spelling."""
    limits.SIGN_UPS_IN_ALL = 5000
    one, victim = _fresh_network(), "victim@example.org"
    floods = {
        "from one network": [(f"a{n}@example.org", one) for n in range(size)],
        "from as many networks": [(f"b{n}@gmail.com", _fresh_network()) for n in range(size)],
        "at one victim": [(_spelled(victim, n), _fresh_network()) for n in range(10 * size)],
    }
    print(f"\nfloods{'answers':>33}{'p95, ms':>9}{'429':>8}{'letters':>9}")
    fine = [_flood(name, asked) for name, asked in floods.items()]
    return all(fine)


def _flood(name: str, asked: list[tuple[str, str]]) -> bool:
    cache.clear()
    Subscriber.objects.all().delete()
    mail.outbox.clear()
    answers = [_post("/subscribe/", {"email": to, "topics": "RAG"}, net) for to, net in asked]
    while confirmation._waiting(timezone.now()):
        before = len(mail.outbox)
        confirmation.send_waiting(timezone.now())
        if len(mail.outbox) == before:
            break
    p95 = _p95([ms for _, ms in answers])
    refused = sum(status == 429 for status, _ in answers)
    print(f"  {name:30}{len(answers):7}{p95:9.1f}{refused:8}{len(mail.outbox):9}")
    to_victim = [m for m in mail.outbox if m.to[0].startswith("victim")]
    return p95 < CALM_P95_MS and len(to_victim) <= 1


def _spelled(victim: str, n: int) -> str:
    local, _, domain = victim.partition("@")
    return victim if n % 2 else f"{local}+{n}@{domain}"


def _fresh_network() -> str:
    n = next(_network)
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def _post(path: str, fields: dict[str, str], network: str) -> tuple[int, float]:
    """The answer's status, and the milliseconds it took."""
    stamp = tokens.stamp(timezone.now() - timedelta(minutes=1))
    client = Client(REMOTE_ADDR=network)
    start = time.perf_counter()
    answer = client.post(path, fields | {"shown_at": stamp})
    return answer.status_code, (time.perf_counter() - start) * 1000


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
