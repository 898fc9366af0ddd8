"""How many mails leave on time while other parties trickle, hang and refuse: `make trouble`.

Two phases of SECONDS each, in one run of the service: a calm one, and one in which the provider
fails some of its calls, three sources are unwell and ten readers with many topics are always due.
In both a digest is planned every second, and somebody signs up every two seconds. How long a mail
waited is read from what the provider wrote down: from its planning, or the sign-up, to the first
call that was not refused. "Others" are the mails of which no call met a fault.

Prints a table and, last, one line of JSON. Exit 1 where the others' share on time falls below
KEPT_SHARE of the calm one, or where another's letter waited longer than ON_TIME_SECONDS.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, "scripts")  # as pytest does
from with_services import services, stop_on_termination

from subscribers.limits import call_limit
from tests.campaigns.delivery.__main__ import find_percentile
from tests.campaigns.delivery.one_provider import make_environment, name_provider
from tests.provider_server import STATUSES, Book, provider_server
from tests.running import wait_for
from tests.web_server import Answer, web_server

SECONDS = int(os.environ.get("SECONDS", "600"))  # of each phase
# How long the service waits for a call: as long as in production.
CALL_SECONDS = os.environ.get("CALL_SECONDS", str(call_limit.CALL_SECONDS))
CHANCES = {"trickle": 0.03, "slow": 0.03, "500": 0.03, "429": 0.03}  # "slow" hangs
LETTER_EVERY = 2  # seconds
ON_TIME_SECONDS = 60.0
KEPT_SHARE = 0.95
MAIL_QUEUES, OTHER_QUEUES = "letters,deliver", "ingest,match,compose"
NAME = re.compile(rb"(?:calm|troubled)-(?:digest|letter)-\d+")
COLUMNS = ("phase", "kind", "which", "mails", "on_time", "p50", "p95", "longest")


@dataclass
class TimedBook(Book):
    """A provider's book that tells when each call came, and what it met."""

    met: list[tuple[float, str]] = field(default_factory=list)

    def next_fault(self) -> str:
        fault = super().next_fault()
        self.met.append((time.monotonic(), fault))
        return fault

    def read_mails(self) -> tuple[dict[str, float], set[str]]:
        """When each mail was first not refused, and which mails met a fault."""
        left: dict[str, float] = {}
        hurt = set()
        with self.lock:
            seen = list(zip(self.calls, self.met, strict=True))
        for call, (moment, fault) in seen:
            if not (found := NAME.search(call.body)):
                continue  # to one of the readers who are always due
            name = found[0].decode()
            if fault:
                hurt.add(name)
            if fault not in STATUSES:
                left.setdefault(name, moment)
        return left, hurt


@contextmanager
def play_sources() -> Iterator[list[str]]:
    """The addresses of three feeds: one trickles for ever, one hangs, one refuses."""
    with web_server() as server:
        endless = Answer(b"x" * 1_000_000, pause_seconds=0.05)
        yield [
            server.give("/trickles", endless),
            server.give("/hangs", Answer(hangs=True)),
            server.give("/refuses", Answer(status=429, headers={"Retry-After": "1"})),
        ]


@dataclass
class Phase:
    """One of the two: `make_trouble` is called every second, until no mail waits any more."""

    name: str
    book: TimedBook
    make_trouble: Callable[[], None] = lambda: None
    asked: dict[str, float] = field(default_factory=dict)  # mail -> when it was asked for
    silences: Counter[str] = field(default_factory=Counter)  # queue -> looks that found it silent
    ended: float = 0.0

    def play(self, seconds: int) -> None:
        from tests.campaigns.delivery import trouble_rows as rows  # noqa: PLC0415

        began = time.monotonic()
        for number in range(seconds):
            time.sleep(max(0.0, began + number - time.monotonic()))
            self._ask(f"{self.name}-digest-{number}", rows.plan_digest)
            if number % LETTER_EVERY == 0:
                self._ask(f"{self.name}-letter-{number}", rows.sign_up)
            self._look()
        last = time.monotonic()
        while time.monotonic() <= last + ON_TIME_SECONDS + 1 and not self._have_all_left():
            time.sleep(1)
            self._look()
        self.ended = time.monotonic()

    def _ask(self, name: str, ask: Callable[[str], None]) -> None:
        self.asked[name] = time.monotonic()
        ask(name)

    def _look(self) -> None:
        from tests.campaigns.delivery import trouble_rows as rows  # noqa: PLC0415

        self.make_trouble()
        self.silences.update(rows.find_silent_queues())

    def _have_all_left(self) -> bool:
        return self.asked.keys() <= self.book.read_mails()[0].keys()

    def make_rows(self) -> list[dict[str, Any]]:
        """The table's rows. A mail that has not left has waited until the phase's end."""
        left, hurt = self.book.read_mails()
        rows = []
        for kind in ("digest", "letter"):
            names = [name for name in self.asked if f"-{kind}-" in name]
            for which, chosen in (("others", [n for n in names if n not in hurt]), ("all", names)):
                ordered = sorted(left.get(n, self.ended) - self.asked[n] for n in chosen)
                on_time = sum(wait <= ON_TIME_SECONDS for wait in ordered)
                figures = {
                    "mails": len(ordered),
                    "on_time": round(on_time / max(1, len(ordered)), 4),
                    "p50": find_percentile(ordered, 0.5),
                    "p95": find_percentile(ordered, 0.95),
                    "longest": find_percentile(ordered, 1.0),
                }
                rows.append({"phase": self.name, "kind": kind, "which": which} | figures)
        return rows


def list_faults(rows: list[dict[str, Any]]) -> list[str]:
    """What must not be, as sentences."""
    others = {(r["phase"], r["kind"]): r for r in rows if r["which"] == "others"}
    faults = []
    for kind in ("digest", "letter"):
        calm, troubled = others["calm", kind], others["troubled", kind]
        if troubled["on_time"] < KEPT_SHARE * calm["on_time"]:
            faults.append(
                f"Of the other {kind}s {troubled['on_time']:.1%} left on time in trouble, "
                f"{calm['on_time']:.1%} in calm."
            )
    return faults + [
        f"A letter waited {row['longest']} s in the {phase} phase."
        for (phase, kind), row in others.items()
        if kind == "letter" and row["longest"] > ON_TIME_SECONDS
    ]


def run_phases(env: dict[str, str], folder: Path, book: TimedBook, feeds: list[str]) -> list[Phase]:
    """Start the service as production does, and play both phases."""
    import django  # noqa: PLC0415 (its settings are only known now)

    django.setup()
    from tests.campaigns.delivery import trouble_rows as rows  # noqa: PLC0415
    from tests.campaigns.delivery.processes import Service  # noqa: PLC0415

    rows.prepare()
    service = Service(env, folder)
    try:
        service.start(workers=2, beats=1, queues=(MAIL_QUEUES, OTHER_QUEUES))
        rows.ask_queues()
        wait_for(lambda: not rows.find_silent_queues(), "every queue is looked into")
        calm = Phase("calm", book)
        calm.play(SECONDS)
        book.chances, book.retry_after = CHANCES, "1"
        rows.add_trouble(feeds)
        troubled = Phase("troubled", book, lambda: rows.keep_due(feeds))
        troubled.play(SECONDS)
    finally:
        service.stop()
    return [calm, troubled]


def main() -> int:
    stop_on_termination()
    book = TimedBook()
    with (
        tempfile.TemporaryDirectory(prefix="offprint-trouble-") as folder,
        services() as servers,
        provider_server() as server,
        play_sources() as feeds,
    ):
        server.book = book
        env = make_environment(name_provider("mailgun", server), servers, folder)
        env |= {"FETCH_ALLOW_PRIVATE": "127.0.0.1", "CALL_SECONDS": CALL_SECONDS}
        os.environ.clear()
        os.environ.update(env)
        phases = run_phases(env, Path(folder), book, feeds)
    rows = [row for phase in phases for row in phase.make_rows()]
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    for row in rows:
        print("| " + " | ".join(str(row[column]) for column in COLUMNS) + " |")
    faults = list_faults(rows)
    print("\n" + "\n".join(faults or ["Nobody stopped the others."]))
    outcome = {
        "seconds": SECONDS,
        "load": [round(load, 1) for load in os.getloadavg()],
        "met": Counter(fault or "nothing" for _, fault in book.met),
        "silences": {phase.name: phase.silences for phase in phases},
        "rows": rows,
        "faults": faults,
    }
    print(json.dumps(outcome))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
