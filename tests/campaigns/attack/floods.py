"""Many clients at once that ask for the costliest pages, and how /healthz and a visitor fare."""

from __future__ import annotations

import math
import multiprocessing
import statistics
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from tests.campaigns.attack.site import Request, Site, make_network

PAUSE_SECONDS = 0.1
HEALTH = Request("healthz", "GET", "/healthz")
VISITS = (Request("today", "GET", "/"), Request("sign-up", "GET", "/subscribe/"))


@dataclass
class Flood:
    """What was answered meanwhile: seconds, and statuses."""

    name: str
    health: list[float] = field(default_factory=list)
    visits: list[float] = field(default_factory=list)
    failed_visits: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    def describe(self) -> str:
        statuses = ", ".join(f"{n} × {status}" for status, n in sorted(self.statuses.items()))
        return (
            f"{self.name:44}{_describe_times(self.health):>26}{_describe_times(self.visits):>26}"
            f"{self.failed_visits:>8}  {statuses}"
        )


def flood(
    site: Site, name: str, requests: Sequence[Request], clients: int, seconds: float
) -> Flood:
    """So many clients ask for these in turn, each time from a network of its own.

    They live in a process of their own: in ours, /healthz would wait for them and not for the site.
    """
    result, over = Flood(name), threading.Event()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    attack = context.Process(target=_attack, args=(site, requests, clients, seconds, theirs))
    attack.start()
    watchers = [threading.Thread(target=_watch, args=(site, over, result, kind)) for kind in (0, 1)]
    for watcher in watchers:
        watcher.start()
    result.statuses.update(ours.recv())
    over.set()
    for watcher in watchers:
        watcher.join()
    attack.join()
    return result


def _attack(
    site: Site, requests: Sequence[Request], clients: int, seconds: float, said: Connection
) -> None:
    statuses, ends_at = Counter[int](), time.monotonic() + seconds
    threads = [
        threading.Thread(
            target=_ask_until,
            args=(site, [*requests[n % len(requests) :], *requests], ends_at, statuses),
        )
        for n in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(max(0.0, ends_at - time.monotonic()))
    said.send(dict(statuses))


def _ask_until(
    site: Site, requests: Sequence[Request], ends_at: float, statuses: Counter[int]
) -> None:
    while True:
        for request in requests:
            if time.monotonic() > ends_at:
                return
            try:
                statuses[site.ask(request).status] += 1
            except OSError:
                statuses[0] += 1


def _watch(site: Site, over: threading.Event, result: Flood, kind: int) -> None:
    """Ask /healthz (0), or what a visitor reads (1), again and again."""
    network = make_network()
    while not over.wait(PAUSE_SECONDS):
        for request in VISITS if kind else (HEALTH,):
            answer = site.ask(request, network)
            (result.visits if kind else result.health).append(answer.seconds)
            result.failed_visits += answer.status != 200


def find_p95(seconds: Sequence[float]) -> float:
    """The 95th percentile; without end where nothing was answered."""
    ordered = sorted(seconds)
    return ordered[int(0.95 * (len(ordered) - 1))] if ordered else math.inf


def _describe_times(seconds: Sequence[float]) -> str:
    """Median, 95th percentile and longest, in milliseconds."""
    if len(seconds) < 2:
        return "not asked"
    values = (statistics.median(seconds), find_p95(seconds), max(seconds))
    return " / ".join(f"{value * 1000:.0f}" for value in values) + " ms"
