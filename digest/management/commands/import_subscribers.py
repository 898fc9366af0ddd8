"""manage.py import_subscribers F.csv: people from a list, each line with a fate of its own."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from digest.english import count_of
from digest.management.now_option import add_now, read_now
from subscribers.import_csv import (
    COLUMNS,
    Line,
    Outcome,
    UnreadableList,
    import_line,
    read_lines,
    says_confirmed,
)

MOST_SHOWN = 20


class Command(BaseCommand):
    help = (
        f"Bring in people from a CSV file with the columns {', '.join(COLUMNS)}. Everybody is "
        "asked to confirm, unless --confirmed says that they agreed elsewhere. Safe to run twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="F.csv", type=Path)
        parser.add_argument(
            "--confirmed",
            action="store_true",
            help="You can show their consent: lines whose column confirmed says yes, or when, are "
            "active at once. Without it they too get a confirmation first.",
        )
        parser.add_argument(
            "--rejects",
            metavar="R.csv",
            type=Path,
            help="Where rejected lines go, as they stand, with their number and the reason; "
            "by default F.rejects.csv beside F.csv.",
        )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now, path = read_now(options["now"]), options["file"]
        rejects = options["rejects"] or path.with_name(f"{path.stem}.rejects.csv")
        self._fates, self._unheard = Counter[Outcome](), 0
        try:
            with ExitStack() as stack:
                file = stack.enter_context(path.open(encoding="utf-8-sig", newline=""))
                self._import_lines(read_lines(file), now, stack, rejects, options["confirmed"])
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be opened: {error.strerror}.") from error
        except UnreadableList as error:
            done = f" Before it, {self._summarize_fates()}" if self._fates else ""
            raise CommandError(f"{path} is no list of people. {error}{done}") from error
        self.stdout.write(self._summarize_fates(rejects))

    def _import_lines(
        self, lines: Iterator[Line], now: datetime, stack: ExitStack, path: Path, trusts: bool
    ) -> None:
        header = next(lines)
        rejected: Any = None
        for line in self._show_progress(lines):
            fate, reason = import_line(line, now, is_consent_given=trusts)
            self._fates[fate] += 1
            self._unheard += not trusts and fate is Outcome.ASKED and says_confirmed(line)
            if fate is not Outcome.REJECTED:
                continue
            if rejected is None:
                rejected = csv.writer(stack.enter_context(path.open("w", newline="")))
                rejected.writerow([*header.cells, "line", "problem"])
            padding = [""] * (len(header.cells) - len(line.cells))
            rejected.writerow([*line.cells, *padding, line.number, reason])
            if self._fates[Outcome.REJECTED] <= MOST_SHOWN:
                self.stdout.write(f"Line {line.number}: {reason}")

    def _show_progress(self, lines: Iterator[Line]) -> Iterable[Line]:
        if not self.stdout.isatty():
            return lines
        return track(lines, "Importing", console=Console(), transient=True)

    def _summarize_fates(self, rejects: Path | None = None) -> str:
        said = ", ".join(f"{self._fates[fate]} {fate}" for fate in Outcome)
        if self._fates[Outcome.REJECTED] and rejects:
            said += f" (they are in {rejects})"
        if self._unheard:
            said += (
                f". {self._unheard} said to have confirmed were asked nevertheless: "
                "--confirmed takes their word for it"
            )
        return f"{count_of(self._fates.total(), 'line')}: {said}."
