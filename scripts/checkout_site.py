"""One checkout, set up for checkout_days.py: its clock, its commands and tasks, what it said.

Import it before anything of Django's. It knows only what a refactoring does not change: commands,
addresses, the words on buttons, the names of tasks and of models. The clock stands still and is
moved from step to step, so that two runs sign the same links and tell of the same times; only the
database, whose own clock cannot be stopped, is corrected after each step.
"""

# ruff: noqa: E402 (the clock stands still before anything reads it)
from __future__ import annotations

import email
import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.policy import default as policy
from io import StringIO
from pathlib import Path
from typing import Any

try:
    import time_machine
except ImportError:
    sys.exit("time-machine is missing: this Python needs what requirements-dev.txt names.")

WANTED: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
DAYS = [date.fromisoformat(day) for day in WANTED["days"]]
_BEGAN_AT = datetime.now(UTC)
_CLOCK = time_machine.travel(datetime.combine(DAYS[0], time(6), UTC), tick=False).start()
_TELL_SECONDS = 30

sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

import django

django.setup()

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, models


def now() -> datetime:
    return datetime.now(UTC)


def move_clock(day: date, hour: int) -> None:
    _CLOCK.move_to(datetime.combine(day, time(hour), UTC))


def wait(seconds: int) -> None:
    _CLOCK.shift(timedelta(seconds=seconds))


def say(text: str) -> None:
    print(f"{WANTED['name']}: {text}", flush=True)


def tell_replay(day: date) -> None:
    """Set the clock of the program that replays."""
    request = urllib.request.Request(f"{WANTED['replay']}/clock?day={day}", method="POST")
    urllib.request.urlopen(request, timeout=_TELL_SECONDS).close()


class Record:
    """All that the checkout said until now."""

    def __init__(self) -> None:
        self.mails: dict[str, str] = {}
        self.pages: dict[str, dict[str, Any]] = {}
        self.commands: dict[str, str] = {}
        self.matches: dict[str, str] = {}
        self.names: dict[str, str] = {}  # of what is drawn by lot
        self.queries = 0
        self._seen: set[Path] = set()

    def count_query(self, execute: Any, *asked: Any) -> Any:
        self.queries += 1
        return execute(*asked)

    def run(self, command: str, *words: str, **options: Any) -> str:
        """Call a command and keep what it says, a refusal too; return its stdout."""
        out, problems = StringIO(), StringIO()
        try:
            call_command(command, *words, stdout=out, stderr=problems, **options)
        except CommandError as error:
            problems.write(f"CommandError: {error}")
        key = f"{now():%Y-%m-%d %H:%M} {' '.join([command, *words])}"
        keep(self.commands, key, out.getvalue() + problems.getvalue())
        self.settle()
        return out.getvalue()

    def work(self, *tasks: str) -> None:
        """Do what a worker would that was called."""
        for task in tasks:
            current_app.tasks[task].apply(throw=True)
        self.settle()

    def settle(self) -> None:
        """Take in the new mails, and put our clock's time for the database's own."""
        _date_rows()
        new = set(Path(settings.OUTBOX_DIR).glob("*.eml")) - self._seen
        self._seen |= new
        for place, (to, _, path) in enumerate(sorted((*_read_head(path), path) for path in new)):
            said = path.read_bytes().decode("utf-8", "surrogateescape")
            key = keep(self.mails, f"{now():%Y-%m-%d} {to}", said)
            self.names[path.stem] = f"mail-of-{key.replace(' ', '-')}"
            written_at = int(now().timestamp()) + place
            os.utime(path, (written_at, written_at))  # the outbox page shows it, and sorts by it

    def letters_to(self, to: str) -> list[str]:
        """The mails of this address, oldest first."""
        return [raw for key, raw in self.mails.items() if key.split()[1] == to]

    def name_deliveries(self) -> None:
        """Those without a mail have a key as well, and the admin shows it."""
        rows = apps.get_model("digest.Delivery")._default_manager.all()
        for key, day, to in rows.values_list("key", "edition__date", "subscriber__email"):
            self.names.setdefault(str(key), f"delivery-of-{day}-{to}")

    def keep_matches(self) -> None:
        rows = apps.get_model("digest.Match")._default_manager.all()
        found = rows.values_list("topic__query", "paper__identifier", "strength", "where")
        for query, identifier, strength, where in found:
            self.matches[f"stored\t{query}\t{identifier}"] = f"{strength:.6f}\t{where}"


def keep(record: dict[str, Any], key: str, said: Any) -> str:
    """Write it under the key, or under the first of "key (2)", "key (3)" that is free: which."""
    free, times = key, 1
    while free in record:
        times += 1
        free = f"{key} ({times})"
    record[free] = said
    return free


def _read_head(path: Path) -> tuple[str, str]:
    message = email.message_from_bytes(path.read_bytes(), policy=policy)
    return str(message["To"]), str(message["Subject"])


def _date_rows() -> None:
    """Rows dated by the database a moment ago get our time, a microsecond apart as they came."""
    for model, name in _dated_fields():
        rows = model._default_manager.filter(**{f"{name}__gte": _BEGAN_AT})
        for place, pk in enumerate(rows.order_by("pk").values_list("pk", flat=True)):
            moment = now() + timedelta(microseconds=place)
            model._default_manager.filter(pk=pk).update(**{name: moment})


def _dated_fields() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.DateTimeField) and field.has_db_default():
                yield model, field.name


def count_queries(record: Record) -> Any:
    """A context in which the record counts what the database is asked."""
    return connection.execute_wrapper(record.count_query)
