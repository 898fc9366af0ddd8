"""Compare new papers with all topics, and new topics with the papers of the last 30 days."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.progress import Progress

from digest.management.now_option import add_now, read_now
from digest.match import MatchReport, match_papers


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        add_now(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        # On anything but a terminal the bar draws nothing.
        console = Console(file=sys.stderr)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("Matching papers", total=None)
            report = match_papers(
                now, lambda done, total: bar.update(task, completed=done, total=total)
            )
        self.stdout.write(describe_report(report))


def describe_report(report: MatchReport) -> str:
    """The run in one line."""
    line = (
        f"Matched {_count_of(report.papers, 'paper')} with all topics and "
        f"{_count_of(report.topics, 'new topic')} with the papers of 30 days: "
        f"{_count_of(report.matches, 'match', 'matches')} written"
    )
    if report.withdrawn:
        line += f", {report.withdrawn} withdrawn"
    if report.dropped:
        line += f", {report.dropped} older than 30 days dropped"
    return f"{line}."


def _count_of(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
