from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from digest.management.clock import add_now, read_now
from digest.score import score_papers


class Command(BaseCommand):
    help = "Give every recent paper its trend: how much it is talked about now."

    def add_arguments(self, parser: CommandParser) -> None:
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        report = score_papers(read_now(options["now"]))
        self.stdout.write(f"Scored {report.papers} recent papers, {report.trending} are trending.")
