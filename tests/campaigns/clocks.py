"""The clock is set while two workers send an edition, and back again or not: `make clocks`.

What the provider accepted is the truth. Its own clock is right, and its keys live as long as the
real ones. Whatever the clock does, everybody due gets one mail, and nothing expires on its day.
SEED=2 is another campaign. It takes some minutes.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.provider_server import Server, delivery_key, provider_server
from tests.running import PATIENCE_SECONDS
from tests.test_crashes import ROOT, environment

SEED = int(os.environ.get("SEED", "1"))
READERS = 40
SPEED = 240  # an hour takes 15 seconds
MINUTE, HOUR, DAY = 60, 3600, 86400
# What a clock does: how many seconds it is set by, and after how many minutes it is put right.
STORIES = {
    "forward a day, put right": (DAY, 6),
    "back 2 h, put right": (-2 * HOUR, 6),
    "forward a day, stays": (DAY, None),
    "back 2 h, stays": (-2 * HOUR, None),
    "forward a day, put right late": (DAY, 40),
}
PROVIDERS = ("brevo", "resend", "postmark")
KEYS_LIVE = {"brevo": 30 * MINUTE, "resend": DAY}
CHANCES = {"drop": 0.15, "503": 0.04}
ENDS_AFTER = 8 * HOUR
ROWS = """
    SELECT email, d.status, d.contents FROM digest_delivery d
    JOIN subscribers_subscriber s ON s.id = d.subscriber_id
    WHERE d.status != 'quiet'
"""
# Where the clock stays set a new day may come: what is in doubt then comes in its mail too.
HEADS = ("readers", "mails", "twice", "papers twice", "stuck", "expired early", "in doubt")


class ForgetfulKeys(dict[str, Any]):
    """The keys that a provider knows, each for so many of the campaign's seconds."""

    def __init__(self, lifetime: float, speed: float) -> None:
        super().__init__()
        self._seconds, self._came_at = lifetime / speed, dict[str, float]()

    def __setitem__(self, key: str, value: Any) -> None:
        self._came_at[key] = time.monotonic()
        super().__setitem__(key, value)

    def __contains__(self, key: object) -> bool:
        came_at = self._came_at.get(str(key))
        return came_at is not None and time.monotonic() - came_at < self._seconds


@dataclass
class Campaign:
    """One edition, sent under one clock that is set."""

    provider: str
    story: str
    filled: Path  # a database with readers
    folder: Path
    seed: int = SEED

    def send_edition(self) -> Counter[str]:
        """Send it; how many of the HEADS there were."""
        with provider_server() as server:
            book = server.book
            book.chances, book.retry_after, book.latency = CHANCES, str(10 * MINUTE), 0.01
            book.known = ForgetfulKeys(KEYS_LIVE.get(self.provider, 0), SPEED)
            env = self._make_environment(server)
            shutil.copy(self.filled, self._database)
            env["CLOCK_START"] = str(time.time())
            with self._run_workers(env):
                self._set_clock(env)
            return self._count(server)

    def _make_environment(self, server: Server) -> dict[str, str]:
        self.folder.mkdir()
        self._clock_file.write_text("0")
        return environment(self.provider, f"sqlite:///{self._database}", server, self.folder) | {
            "CLOCK_FILE": str(self._clock_file),
            "CLOCK_SPEED": str(SPEED),
        }

    @property
    def _database(self) -> Path:
        return self.folder / "clocks.sqlite3"

    @property
    def _clock_file(self) -> Path:
        return self.folder / "wrong_by"

    @contextmanager
    def _run_workers(self, env: dict[str, str]) -> Iterator[None]:
        command = [sys.executable, "-m", "tests.clock_worker", "work"]
        workers = [
            subprocess.Popen(command, env=env | {"CLOCK_MACHINE": name}) for name in ("a", "b")
        ]
        try:
            yield
            assert [worker.poll() for worker in workers] == [None, None], "a worker failed"
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()

    def _set_clock(self, env: dict[str, str]) -> None:
        """Set the clock at some moment of the edition, perhaps back, and wait for its end."""
        started, dice = float(env["CLOCK_START"]), random.Random(f"{self.story} {self.seed}")
        wrong_by, minutes = STORIES[self.story]
        set_at = dice.uniform(10, 50)
        self._wait_until(started, set_at * MINUTE)
        self._write_clock(wrong_by)
        if minutes:
            self._wait_until(started, (set_at + minutes) * MINUTE)
            self._write_clock(0)
        deadline = min(started + ENDS_AFTER / SPEED, time.time() + PATIENCE_SECONDS)
        self._wait_until(started, 1.75 * HOUR)
        while time.time() < deadline and not self._is_over():
            time.sleep(0.5)

    def _wait_until(self, started: float, seconds: float) -> None:
        time.sleep(max(started + seconds / SPEED - time.time(), 0))

    def _write_clock(self, wrong_by: int) -> None:
        """In one step: nobody reads half a number."""
        draft = self._clock_file.with_suffix(".new")
        draft.write_text(str(wrong_by))
        draft.replace(self._clock_file)

    def _is_over(self) -> bool:
        rows = self._read_rows()
        served = {address for address, *_ in rows}
        is_open = any(status in ("planned", "claimed") for _, status, _ in rows)
        return len(served) == READERS and not is_open

    def _read_rows(self) -> list[tuple[str, str, str]]:
        """Address, status and contents of every delivery with papers."""
        with closing(sqlite3.connect(self._database, timeout=PATIENCE_SECONDS)) as database:
            return list(database.execute(ROWS))

    def _count(self, server: Server) -> Counter[str]:
        rows = self._read_rows()
        mails = Counter(delivery_key(row) for row in server.book.accepted)
        doubtful = {address for address, status, _ in rows if status == "in_doubt"}
        sent = {address for address, status, _ in rows if status == "sent"}
        return Counter(
            {
                "readers": READERS,
                "mails": mails.total(),
                "twice": sum(times > 1 for times in mails.values()),
                "papers twice": count_repeated(rows),
                "stuck": READERS - len(sent | doubtful),
                "expired early": sum(status == "expired" for _, status, _ in rows),
                "in doubt": len(doubtful),
            }
        )


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[dict[str, Counter[str]]]:
    """What each campaign came to, printed at the end."""
    rows: dict[str, Counter[str]] = {}
    yield rows
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n\n{'SEED=' + str(SEED):50}" + "".join(f"{head:>15}" for head in HEADS))
        for name, counts in rows.items():
            print(f"{name:50}" + "".join(f"{counts[head]:15}" for head in HEADS))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all readers, before the first of them is due."""
    folder = tmp_path_factory.mktemp("filled")
    database = folder / "clocks.sqlite3"
    with provider_server() as server:
        env = environment("postmark", f"sqlite:///{database}", server, folder)
        for words in (
            ["manage.py", "migrate", "--verbosity=0"],
            ["-m", "tests.clock_worker", "fill", str(READERS), str(SEED)],
        ):
            subprocess.run([sys.executable, *words], env=env, cwd=ROOT, check=True)
    return database


def count_repeated(rows: list[tuple[str, str, str]]) -> int:
    """How many papers are in two mails of one reader that are both known to be sent."""
    papers = Counter(
        (address, paper["id"])
        for address, status, contents in rows
        if status == "sent"
        for paper in json.loads(contents)["papers"]
        if paper["section"] != "again"
    )
    return sum(times > 1 for times in papers.values())


def find_harm(counts: Counter[str]) -> list[int]:
    return [counts[head] for head in ("twice", "papers twice", "stuck", "expired early")]


def send_side_by_side(campaigns: list[Campaign]) -> list[Counter[str]]:
    with ThreadPoolExecutor(len(campaigns)) as pool:
        return list(pool.map(Campaign.send_edition, campaigns))


@pytest.mark.parametrize("story", STORIES)
def test_whatever_the_clock_does_everybody_gets_one_mail(
    story: str, filled: Path, tmp_path: Path, table: dict[str, Counter[str]]
) -> None:
    campaigns = [Campaign(name, story, filled, tmp_path / name) for name in PROVIDERS]
    counts = dict(zip(PROVIDERS, send_side_by_side(campaigns), strict=True))
    table.update({f"{name}: {story}": found for name, found in counts.items()})
    assert {name: find_harm(found) for name, found in counts.items() if any(find_harm(found))} == {}
