"""manage.py import_subscribers F.csv: people from a list, each line with a fate of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from digest.english import count_of
from digest.management.now_option import add_now, read_now
from subscribers.lists.import_chunk import CHUNK
from subscribers.lists.import_csv import Fate, ImportRules, Outcome, list_line_readings
from subscribers.lists.import_file import (
    COLUMNS,
    Line,
    UnreadableList,
    decode_list,
    read_lines,
    split_lines,
)
from subscribers.lists.import_tally import Tally, write_rejects
from subscribers.topics import TopicError, list_readings, parse_topic

MOST_SHOWN = 20
TELL_EVERY = 1_000  # lines, where no bar can be shown


class Command(BaseCommand):
    help = (
        f"Bring in people from a CSV file with the columns {', '.join(COLUMNS)}, or as Mailchimp, "
        "Substack, Ghost, Buttondown, listmonk and Kit export it. Everybody is asked to confirm, "
        "unless --confirmed says that they agreed elsewhere. Safe to run twice."
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
            "--email-column",
            default="",
            metavar="C",
            help="The column with the addresses, by its name or number, where it is not found.",
        )
        parser.add_argument(
            "--topic",
            action="append",
            default=[],
            metavar="T",
            help="A topic for everybody, beside their own. May be given many times.",
        )
        parser.add_argument(
            "--tags-as-topics",
            action="store_true",
            help="The column of tags, labels or groups holds their topics.",
        )
        parser.add_argument(
            "--encoding", default="", metavar="E", help="Such as cp1251; else found."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Write nothing, and say what would be."
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
        self._readings = set[str]()  # that were said
        self._is_trial, self._rejected = options["dry_run"], 0
        try:
            text, note = decode_list(path.read_bytes(), options["encoding"])
            lines = read_lines(text, options["email_column"], uses_tags=options["tags_as_topics"])
            if note:
                self.stdout.write(f"{path}: {note} (--encoding)")
            rules = ImportRules(
                lines.header,
                self._read_topics(options["topic"]),
                is_consent_given=options["confirmed"],
                is_trial=self._is_trial,
            )
            self._tally = Tally(rules)
            self._total = text.count("\n")
            with ExitStack() as stack:
                self._import_lines(iter(lines), now, stack, rejects, rules)
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be opened: {error.strerror}.") from error
        except UnreadableList as error:
            has_begun = hasattr(self, "_tally") and self._tally.fates
            done = f" Before it, {self._summarize_fates()}" if has_begun else ""
            option = f" ({error.option})" if error.option else ""
            raise CommandError(f"{path} is no list of people. {error}{option}{done}") from error
        self.stdout.write(self._summarize_fates(rejects))
        self._say_without_topics(rules)

    def _read_topics(self, queries: list[str]) -> tuple[str, ...]:
        for query in queries:
            try:
                parse_topic(query)
            except TopicError as error:
                raise CommandError(str(error)) from error
        for said in list_readings(queries):
            self.stdout.write(said)
        return tuple(queries)

    def _import_lines(
        self, lines: Iterator[Line], now: datetime, stack: ExitStack, path: Path, rules: ImportRules
    ) -> None:
        rejected: Any = None
        for line, (fate, reason) in self._list_fates(lines, now):
            if fate is not Outcome.REJECTED:
                self._tell_readings(line)
                continue
            self._rejected += 1
            if self._rejected <= MOST_SHOWN:
                self.stdout.write(f"Line {line.number}: {reason}")
            if self._is_trial:
                continue
            written = write_rejects(rules.header.cells, [(line.number, line.cells, reason)])
            if rejected is None:
                rejected = stack.enter_context(path.open("w", newline="", encoding="utf-8"))
                rejected.writelines(written)
            else:
                rejected.writelines(islice(written, 1, None))

    def _list_fates(self, lines: Iterator[Line], now: datetime) -> Iterator[tuple[Line, Fate]]:
        for chunk in split_lines(iter(self._show_progress(lines)), CHUNK):
            yield from zip(chunk, self._tally.take(chunk, now), strict=True)

    def _tell_readings(self, line: Line) -> None:
        """Say once how a topic of the file is read, whoever has it."""
        for said in list_line_readings(line):
            if said not in self._readings and len(self._readings) < MOST_SHOWN:
                self.stdout.write(f"Line {line.number}: {said}")
            self._readings.add(said)

    def _show_progress(self, lines: Iterator[Line]) -> Iterable[Line]:
        if not self.stdout.isatty():
            return self._tell_progress(lines)
        return track(lines, "Importing", self._total, console=Console(), transient=True)

    def _tell_progress(self, lines: Iterator[Line]) -> Iterator[Line]:
        for count, line in enumerate(lines, 1):
            yield line
            if count % TELL_EVERY == 0:
                self.stdout.write(f"{count} lines of about {self._total} are done.")

    def _summarize_fates(self, rejects: Path | None = None) -> str:
        fates = [fate for fate in Outcome if fate is not Outcome.LEFT_OUT]
        said = ", ".join(f"{self._tally.fates[fate]} {fate}" for fate in fates)
        if self._tally.fates[Outcome.REJECTED] and rejects and not self._is_trial:
            said += f" (they are in {rejects})"
        if left_out := self._tally.fates[Outcome.LEFT_OUT]:
            said += f", {left_out} left out: the file says that they left, bounced or are blocked"
        if self._tally.unheard:
            said += (
                f". {self._tally.unheard} said to have confirmed were asked nevertheless: "
                "--confirmed takes their word for it"
            )
        lead = "Nothing is written; this would be: " if self._is_trial else ""
        return f"{lead}{count_of(self._tally.fates.total(), 'line')}: {said}."

    def _say_without_topics(self, rules: ImportRules) -> None:
        if rules.may_lack_topics and not rules.topics and self._tally.fates[Outcome.ASKED]:
            self.stdout.write(
                "The file has no column “topics”, so nobody in it has any: they choose some when "
                "they have confirmed. --topic gives everybody one, --tags-as-topics takes theirs."
            )
