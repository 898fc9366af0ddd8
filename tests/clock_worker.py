"""What the clock campaign runs as processes of their own: fill COUNT SEED | work.

The clock that they take for the database's is a stand-in: `CLOCK_SPEED` times as fast as a real
one, and wrong by the seconds that stand in the file `CLOCK_FILE`. How long the machine is up runs
as fast, and is never wrong.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import django

django.setup()

from digest.compose import compose_due  # noqa: E402
from digest.deliver import RunOptions, deliver_planned, sweep  # noqa: E402
from digest.watch import clock  # noqa: E402
from tests.factories import NOW, make_match, make_paper, make_reader  # noqa: E402

TOPIC = "diffusion policy"
DUE_WITHIN = 60  # minutes
SIZE = 10
RUN_SECONDS = 0.3
LEASE = timedelta(minutes=10)
STANDS_FOR = timedelta(minutes=10)  # in place of an hour: a campaign is short


def read_up_time() -> timedelta:
    started, speed = float(os.environ["CLOCK_START"]), float(os.environ["CLOCK_SPEED"])
    return timedelta(seconds=(time.time() - started) * speed)


def read_wall() -> datetime:
    wrong_by = float(Path(os.environ["CLOCK_FILE"]).read_text())
    return NOW + read_up_time() + timedelta(seconds=wrong_by)


def fill(count: int, seed: int) -> None:
    """Readers who have had digests, and become due one after the other."""
    dice = random.Random(seed)
    make_match(make_paper(), TOPIC)
    for number in range(count):
        due_at = NOW + timedelta(minutes=dice.uniform(0, DUE_WITHIN))
        make_reader(TOPIC, email=f"reader{number}@example.org", next_digest_at=due_at)


def work() -> None:
    """As beat does, only without a break, until it is ended."""
    clock.CLOCKS = clock.Clocks(read_wall, read_up_time, lambda: os.environ["CLOCK_MACHINE"])
    clock.STANDS_FOR = STANDS_FOR
    while True:
        compose_due(clock.read_now())
        options = RunOptions(keep_going=watch_run(), size=SIZE)
        deliver_planned(clock.read_now(), options=options)
        sweep(clock.read_now(), LEASE)
        time.sleep(0.2)


def watch_run() -> Callable[[], bool]:
    """A run ends soon, as a run of beat's does: within it time goes no faster than elsewhere."""
    ends_at, goes_on = time.monotonic() + RUN_SECONDS, clock.watch_changes()
    return lambda: time.monotonic() < ends_at and goes_on()


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {"fill": fill, "work": work}
    commands[sys.argv[1]](*map(int, sys.argv[2:]))
