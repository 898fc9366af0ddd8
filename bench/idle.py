"""A minute in which nothing is due: all that beat calls in it, as often as it calls."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

from django.utils import timezone

from bench.copy_rows import analyze_tables
from bench.meter import measure_cost
from config.worker_settings import make_schedule
from digest.models import Delivery, Source
from subscribers.models import Subscriber

MINUTE = 60.0


def run_idle_minutes(minutes: int) -> dict[str, Any]:
    """Let nothing be due, and live through so many minutes; the cost is that of all of them."""
    let_nothing_be_due()
    calls = list_calls()
    run_minute(calls)  # what a worker that is up already has in memory
    with measure_cost() as cost:
        for _ in range(minutes):
            run_minute(calls)
    return cost.to_json() | {
        "units": minutes,
        "deliveries": Delivery.objects.count(),
        "calls": sum(times for _, _, times in calls),
    }


def let_nothing_be_due() -> None:
    """For twelve hours from now, by the real clock, which is what tasks go by."""
    later = timezone.now() + timedelta(hours=12)
    Subscriber.objects.update(next_digest_at=later)
    Source.objects.update(next_fetch_at=later)
    Delivery.objects.planned().update(status=Delivery.Status.EXPIRED)
    analyze_tables()


def list_calls() -> list[tuple[Any, tuple[Any, ...], int]]:
    """The tasks that beat calls each minute or more often: task, arguments, times a minute."""
    calls = []
    for entry in make_schedule().values():
        seconds = entry["schedule"]
        if isinstance(seconds, (int, float)) and seconds <= MINUTE:
            module, _, name = entry["task"].rpartition(".")
            task = getattr(importlib.import_module(module), name)
            calls.append((task, tuple(entry.get("args", ())), round(MINUTE / seconds)))
    return calls


def run_minute(calls: list[tuple[Any, tuple[Any, ...], int]]) -> None:
    for task, args, times in calls:
        for _ in range(times):
            task(*args)
