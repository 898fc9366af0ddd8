"""Databases of the run's own in the server that scripts/with_services.py started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from bench.work import ROOT

EMPTY = "bench_empty"
OURS = ("ANYMAIL_", "DELIVER_", "EMAIL_", "OFFPRINT_", "FETCH_", "ALLOWED_HOSTS", "POSTAL_")


class Databases:
    """Makes databases, each a copy of another, and says how to reach them.

    A copy that is borrowed has a folder of its own and an empty Valkey: else what another copy
    mailed would be held against it (docs/operate/backup.md).
    """

    def __init__(self, folder: Path, sink: str) -> None:
        self._url = os.environ["DATABASE_URL"].rpartition("/")[0]
        self._folder, self._sink, self._borrowed = folder, sink, 0
        self.copy("template1", EMPTY)
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=self.make_environment(EMPTY), cwd=ROOT, check=True)

    def copy(self, old: str, new: str) -> str:
        """A database `new` that is as `old` is, to which nobody may be connected."""
        with self._connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{new}"')
            connection.execute(f'CREATE DATABASE "{new}" TEMPLATE "{old}"')
        return new

    @contextmanager
    def borrow(self, old: str) -> Iterator[dict[str, str]]:
        """A copy of `old` for the block, and the environment of processes that work on it."""
        self._borrowed += 1
        name = self.copy(old, f"bench_borrowed_{self._borrowed}")
        with Redis.from_url(os.environ["REDIS_URL"].replace("redis+socket:", "unix:")) as valkey:
            valkey.flushall()
        try:
            yield self.make_environment(name)
        finally:
            self.drop(name)

    def drop(self, name: str) -> None:
        with self._connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def make_environment(self, name: str) -> dict[str, str]:
        """Of an Offprint that works on this database and mails to the sink."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return kept | {
            "DATABASE_URL": f"{self._url}/{name}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENV_FILE": "",
            "SECRET_KEY": "only-for-this-run",
            "SITE_URL": "http://localhost:8000",
            "VAR_DIR": str(folder),
            "DEBUG": "false",
            "LOG_LEVEL": "ERROR",
            "CANARY_MINUTES": "0",
            "ANYMAIL_PROVIDER": "postmark",
            "ANYMAIL_POSTMARK_SERVER_TOKEN": "token",
            "ANYMAIL_POSTMARK_API_URL": self._sink,
            "ANYMAIL_WEBHOOK_SECRET": "name:password",
            "FETCH_ALLOW_PRIVATE": "127.0.0.1",
        }

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(f"{self._url}/postgres", autocommit=True)
