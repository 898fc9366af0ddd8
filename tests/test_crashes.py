"""Workers killed at random, a provider that drops lines: nobody is mailed twice, nobody is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.provider_server import Server, provider_server
from tests.running import PATIENCE_SECONDS

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent
KILLS = 4
THOROUGH = pytest.mark.thorough
CHANCES = {"drop": 0.05, "500": 0.05, "429": 0.03}
PROVIDERS = {
    "outbox": {},
    "postmark": {"ANYMAIL_POSTMARK_SERVER_TOKEN": "token"},
    "mailgun": {"ANYMAIL_MAILGUN_API_KEY": "key", "ANYMAIL_MAILGUN_SENDER_DOMAIN": "example.org"},
    "resend": {"ANYMAIL_RESEND_API_KEY": "key"},
    "brevo": {"ANYMAIL_BREVO_API_KEY": "key"},
}


@pytest.fixture
def server() -> Iterator[Server]:
    with provider_server() as server:
        server.book.chances = CHANCES
        server.book.retry_after, server.book.latency = "20", 0.02
        yield server


def environment(provider: str, url: str, server: Server, folder: Path) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("COV_", "ANYMAIL_"))}
    if provider != "outbox":
        env |= {
            "ANYMAIL_PROVIDER": provider,
            "ANYMAIL_WEBHOOK_SECRET": "name:password",
            "CANARY_MINUTES": "0",
            f"ANYMAIL_{provider.upper()}_API_URL": server.url,
        }
    return (
        env
        | PROVIDERS[provider]
        | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
            "SECRET_KEY": "only-for-tests",
            "VAR_DIR": str(folder),
            "OUTBOX_DIR": str(folder / "outbox"),
            "LOG_LEVEL": "CRITICAL",
        }
    )


class Crew:
    """The process whose children are the workers; it is asked by lines: tests/crash_worker.py."""

    def __init__(self, env: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.crash_worker"]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, env=env, cwd=ROOT, encoding="utf-8", **pipes)

    def ask(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer: str = self._process.stdout.readline()
        assert answer, f"no answer to {line}"
        return answer.strip()

    def start_worker(self) -> int:
        """Its process id, which stays its own until list_living is called."""
        return int(self.ask("work"))

    def list_living(self) -> set[int]:
        return set(map(int, self.ask("alive").split()))

    def end(self) -> None:
        for pid in self.list_living():
            os.kill(pid, signal.SIGKILL)
        self._process.communicate(timeout=PATIENCE_SECONDS)


@contextmanager
def start_crew(env: dict[str, str]) -> Iterator[Crew]:
    crew = Crew(env)
    try:
        yield crew
    finally:
        crew.end()


def handed_over(server: Server, folder: Path) -> list[str]:
    """The key of every mail that left, as often as it left."""
    return server.book.keys + [path.stem for path in (folder / "outbox").glob("*.eml")]


def count_left(server: Server, folder: Path) -> int:
    """How many mails left so far; cheap, since it is asked all the time."""
    outbox = folder / "outbox"
    return len(server.book.accepted) + (len(os.listdir(outbox)) if outbox.exists() else 0)


def work_under_fire(crew: Crew, server: Server, folder: Path, count: int) -> int:
    """Two workers; one of them is killed each time some more mails have left. How many were."""
    dice = random.Random(7)
    marks = sorted(dice.sample(range(1, count), KILLS))
    deadline = time.monotonic() + PATIENCE_SECONDS
    workers, killed = [crew.start_worker(), crew.start_worker()], 0
    while living := crew.list_living():
        assert time.monotonic() < deadline, "the workers did not come to an end"
        if marks and count_left(server, folder) >= marks[0]:
            time.sleep(dice.random() * 0.03)
            marks.pop(0)
            victim = dice.randrange(2)
            if workers[victim] in living:
                os.kill(workers[victim], signal.SIGKILL)
                killed += 1
            workers[victim] = crew.start_worker()
        time.sleep(0.01)
    return killed


def check(provider: str, url: str, server: Server, folder: Path, count: int) -> None:
    with start_crew(environment(provider, url, server, folder)) as crew:
        crew.ask(f"fill {count}")
        killed = work_under_fire(crew, server, folder, count)
        told = json.loads(crew.ask("count"))
    states, counts = told["states"], told["counts"]
    left = Counter(handed_over(server, folder))
    print(f"{provider}: {counts}, {killed} kills, {len(server.book.calls)} calls")
    assert killed
    assert [key for key, times in left.items() if times > 1] == []
    assert counts.get("sent", 0) + counts.get("in_doubt", 0) == count
    assert [key for key, state in states.items() if state == "sent" and not left[key]] == []
    assert [key for key in left if states[key] not in ("sent", "in_doubt")] == []
    if provider == "outbox":
        assert counts == {"sent": count}


@pytest.mark.thorough
@pytest.mark.parametrize("provider", ["outbox", "postmark"])
def test_killed_at_random_on_sqlite_nobody_is_mailed_twice_and_nobody_lost(
    provider: str, server: Server, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'crash.sqlite3'}"
    check(provider, url, server, tmp_path, 400 if provider == "outbox" else 200)


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """A PostgreSQL database of its own: the killed must not disturb other tests."""
    asked = connection.settings_dict
    where = {"host": asked["HOST"], "user": asked["USER"], "dbname": "postgres"}
    with psycopg.connect(**where, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgres://{asked['USER']}@{quote(asked['HOST'], safe='')}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.services
@pytest.mark.parametrize(
    "provider",
    [pytest.param("mailgun", marks=THOROUGH), "resend", pytest.param("brevo", marks=THOROUGH)],
)
def test_killed_at_random_on_postgresql_nobody_is_mailed_twice_and_nobody_lost(
    provider: str, server: Server, tmp_path: Path
) -> None:
    assert settings.REDIS_URL, "make test provides both servers"
    with fresh_database(f"crash_{provider}") as url:
        check(provider, url, server, tmp_path, 120)
