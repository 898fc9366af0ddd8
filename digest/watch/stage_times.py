"""How long workers were busy with each stage, added up by day in the database.

Each process adds up by itself and writes once a minute, so that a run costs no query of its own;
what a process that is killed had not written is lost, which is a minute at most.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import Error
from django.db.models import F
from django.utils import timezone

from digest.models import DailyFigure

logger = logging.getLogger(__name__)

Given = ParamSpec("Given")
Got = TypeVar("Got")
WRITE_EVERY = 60.0  # seconds
_TOGETHER = {"seconds": DailyFigure.Name.SECONDS, "runs": DailyFigure.Name.RUNS}


class StageTimes:
    """The seconds and runs that this process has not written yet, by day and stage."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[tuple[date, str], dict[str, float]] = {}
        self._written_at = time.monotonic()

    def add_run(self, stage: str, day: date, seconds: float) -> None:
        with self._lock:
            counts = self._pending.setdefault((day, stage), defaultdict(float))
            counts["seconds"] += seconds
            counts["runs"] += 1
            is_due = time.monotonic() - self._written_at >= WRITE_EVERY
        if is_due:
            self.write()

    def write(self) -> None:
        """Add what is pending to the day's figures; a database that is away gets it later."""
        with self._lock:
            pending, self._pending = self._pending, {}
            self._written_at = time.monotonic()
        for (day, stage), counts in pending.items():
            try:
                for word, count in counts.items():
                    _add_to_figure(day, _TOGETHER[word], stage, count)
            except Error as error:
                logger.warning("The time of %s could not be written down: %s", stage, error)


def _add_to_figure(day: date, name: str, part: str, count: float) -> None:
    rows = DailyFigure.objects.filter(date=day, name=name, part=part)
    if not rows.update(value=F("value") + count):
        # Where another process writes the first one in this moment, ours is added to it.
        first = DailyFigure(date=day, name=name, part=part, value=0)
        DailyFigure.objects.bulk_create([first], ignore_conflicts=True)
        rows.update(value=F("value") + count)


stage_times = StageTimes()


def timed(stage: str) -> Callable[[Callable[Given, Got]], Callable[Given, Got]]:
    """Decorate a task: each of its runs is one of this stage, whether it ends well or not."""

    def decorate(task: Callable[Given, Got]) -> Callable[Given, Got]:
        @wraps(task)
        def run(*args: Given.args, **kwargs: Given.kwargs) -> Got:
            began_at = time.monotonic()
            try:
                return task(*args, **kwargs)
            finally:
                day = timezone.now().astimezone(UTC).date()
                stage_times.add_run(stage, day, time.monotonic() - began_at)

        return run

    return decorate
