"""The restore drill: back up midway, send on, put the backup in place, start, reconcile, start.

What the provider accepted is the truth: nobody may be in it twice. `python -m tests.restore_drill`
(make drill) plays it with 1,000 readers and prints a table; tests/test_restore_drill.py plays a
short form of each row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
import redis

from tests.provider_server import Server, address_of, provider_server

ROOT = Path(__file__).parent.parent
RUN_SECONDS = 600
READERS = int(os.environ.get("READERS", "1000"))
BEFORE_BACKUP, LEFT_OVER = 0.4, 0.05  # of all readers
KEYS = {
    "postmark": {"ANYMAIL_POSTMARK_SERVER_TOKEN": "token"},
    "resend": {"ANYMAIL_RESEND_API_KEY": "key"},
}


@dataclass(frozen=True)
class Kind:
    """One row of the table."""

    provider: str
    can_be_asked: bool
    keeps_marks: bool = True  # else var/ and Redis are lost with the database

    def __str__(self) -> str:
        asked = "asked" if self.can_be_asked else "by date"
        return f"{self.provider}, {asked}{'' if self.keeps_marks else ', marks lost'}"


KINDS = (
    Kind("postmark", can_be_asked=True),  # its list tells our keys
    Kind("resend", can_be_asked=True),  # its list tells addresses and subjects
    Kind("postmark", can_be_asked=False),
    Kind("postmark", can_be_asked=True, keeps_marks=False),
)


@dataclass(frozen=True)
class Outcome:
    """What the drill came to, in mails that the provider accepted."""

    at_backup: int
    at_restore: int
    while_held: int
    after: int
    twice: int
    never: int
    seconds: float
    said: str  # by reconcile
    broken: tuple[str, ...]  # promises, by the audit


class Drill:
    """One installation: its database, its folder, its provider."""

    def __init__(self, url: str, folder: Path, server: Server, kind: Kind, readers: int) -> None:
        self.server, self.kind, self.readers, self.folder = server, kind, readers, folder
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("COV_", "ANYMAIL_"))}
        self.env = (
            clean
            | KEYS[kind.provider]
            | {
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "ENV_FILE": "",
                "PYTHONPATH": str(ROOT),
                "SECRET_KEY": "only-for-tests",
                "SITE_URL": "http://localhost:8000",
                "VAR_DIR": str(folder / "var"),
                "LOG_LEVEL": "ERROR",
                "CANARY_MINUTES": "0",
                "ANYMAIL_PROVIDER": kind.provider,
                "ANYMAIL_WEBHOOK_SECRET": "name:password",
                f"ANYMAIL_{kind.provider.upper()}_API_URL": server.url,
            }
        )
        server.book.accepted_at = "2026-04-22T10:05:00+00:00"
        server.book.search_status = 200 if kind.can_be_asked else 403

    def run(self, hour: str, *words: str) -> str:
        """Run a step or a command of ours at this hour; what it said."""
        moment = f"2026-04-22T{hour}:00+00:00"
        command = [sys.executable, "-W", "ignore", *words]
        done = subprocess.run(
            command,
            env=self.env | {"DRILL_NOW": moment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{' '.join(words)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def step(self, hour: str, *words: str) -> str:
        return self.run(hour, "-m", "tests.drill_steps", *words)

    def manage(self, hour: str, *words: str) -> str:
        return self.run(hour, "manage.py", *words, f"--now=2026-04-22T{hour}")

    def count_mails(self) -> int:
        return len(self.server.book.accepted)

    def count_by_address(self) -> Counter[str]:
        """By reader, how many mails the provider accepted for them."""
        return Counter(address_of(row) for row in self.server.book.accepted)

    def play(self) -> Outcome:
        start = time.monotonic()
        backup = self.folder / "drill.backup"
        self.run("07:00", "manage.py", "migrate", "--verbosity=0")
        self.step("07:00", "fill", str(self.readers))
        self.step("08:00", "compose")
        self.step("08:01", "deliver", str(round(self.readers * BEFORE_BACKUP)))
        self.manage("08:30", "backup", str(backup))
        at_backup = self.count_mails()
        self._send_on()
        at_restore = self.count_mails()
        if not self.kind.keeps_marks:
            self._lose_marks()
        self.manage("11:00", "restore", str(backup), "--replace")
        held = self.manage("11:01", "send_digests")
        assert "older than what was mailed" in held, held
        while_held = self.count_mails() - at_restore
        asked = () if self.kind.can_be_asked else ("--sent-until=2026-04-22T10:30",)
        said = self.manage("12:00", "reconcile", *asked)
        self.manage("12:01", "send_digests")
        told = json.loads(self.step("12:02", "count"))
        left = self.count_by_address()
        return Outcome(
            at_backup,
            at_restore,
            while_held,
            self.count_mails() - at_restore,
            twice=sum(times > 1 for times in left.values()),
            never=self.readers - len(left),
            seconds=time.monotonic() - start,
            said=said,
            broken=tuple(told["broken"]),
        )

    def _lose_marks(self) -> None:
        for path in (self.folder / "var" / "high_water").glob("*"):
            path.unlink()
        if url := os.environ.get("REDIS_URL"):
            client = redis.Redis.from_url(url.replace("redis+socket:", "unix:"))
            client.delete(*client.keys("offprint.high_water*") or [b"-"])

    def _send_on(self) -> None:
        """What is mailed after the backup: rows that it has, and rows that it has not.

        Where the provider tells the difference, some of these are left unsent.
        """
        left_over = round(self.readers * LEFT_OVER) if self.kind.can_be_asked else 0
        due_at_ten = (self.readers + 4) // 5
        self.step("09:00", "deliver", str(self.readers))
        self.step("10:00", "compose")
        self.step("10:01", "deliver", str(due_at_ten - left_over))


@contextmanager
def fresh_database(server_url: str, name: str) -> Iterator[str]:
    """A database of its own on the server that this address leads to."""
    parts = urlsplit(server_url)
    host, user = unquote(parts.hostname or ""), parts.username or ""
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgres://{user}@{quote(host, safe='')}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def play(kind: Kind, url: str, folder: Path, readers: int) -> Outcome:
    with provider_server() as server:
        return Drill(url, folder, server, kind, readers).play()


def main() -> int:
    """All kinds on SQLite and, where DATABASE_URL leads to a PostgreSQL, there too."""
    heads = ("at backup", "at restore", "while held", "after", "twice", "never", "seconds")
    print(f"{READERS} readers".ljust(44) + "".join(head.rjust(12) for head in heads))
    bad = 0
    for number, kind in enumerate(KINDS):
        with tempfile.TemporaryDirectory(prefix="offprint-drill-") as folder:
            bad += _print_row("SQLite", kind, f"sqlite:///{folder}/drill.sqlite3", Path(folder))
        server_url = os.environ.get("DATABASE_URL", "")
        if not server_url.startswith("postgres"):
            continue
        with (
            tempfile.TemporaryDirectory(prefix="offprint-drill-") as folder,
            fresh_database(server_url, f"drill_{number}") as url,
        ):
            bad += _print_row("PostgreSQL", kind, url, Path(folder))
    return 1 if bad else 0


def _print_row(database: str, kind: Kind, url: str, folder: Path) -> int:
    out = play(kind, url, folder, READERS)
    cells = (out.at_backup, out.at_restore, out.while_held, out.after, out.twice, out.never)
    row = "".join(str(cell).rjust(12) for cell in (*cells, f"{out.seconds:.0f}"))
    print(f"{database}, {kind}".ljust(44) + row, flush=True)
    return out.twice + out.never + out.while_held


if __name__ == "__main__":
    sys.exit(main())
