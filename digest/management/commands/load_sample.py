from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from digest.ingest.sample_rows import remove_sample
from digest.management.now_option import add_now, read_now
from digest.management.sample.load import load_sample


class Command(BaseCommand):
    help = "Bring in five made-up days of papers, to look around without any live source."

    def add_arguments(self, parser: CommandParser) -> None:
        add_now(parser)
        parser.add_argument("--remove", action="store_true", help="Take the sample out again.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self.stdout.write(f"Removed {remove_sample()} made-up papers and their sources.")
            return
        report = load_sample(read_now(options["now"]))
        said = "Brought in" if report.is_new else "Already there since an earlier call:"
        self.stdout.write(
            f"{said} {report.papers} made-up papers in {report.entries} entries of "
            f"{report.sources} sources, from {report.days[0]} to {report.days[-1]}."
        )
