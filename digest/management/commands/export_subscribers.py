"""manage.py export_subscribers: the list of people, for another service or another Offprint."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.english import count_of
from subscribers.lists.export_list import list_rows, write_csv, write_json
from subscribers.models import Subscriber


class Command(BaseCommand):
    help = (
        "Write the confirmed subscribers with their topics and schedules as CSV, which "
        "import_subscribers reads again, or as a JSON object to a line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="Or - for standard output.")
        parser.add_argument("--json", action="store_true", help="JSON lines in the place of CSV.")
        parser.add_argument(
            "--all", action="store_true", help="Who has not confirmed and who left, too."
        )
        parser.add_argument(
            "--replace", action="store_true", help="Write over the file if it is there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        statuses = Subscriber.Status.values if options["all"] else [Subscriber.Status.ACTIVE.value]
        write = write_json if options["json"] else write_csv
        lines = write(list_rows(tuple(statuses)))
        if options["file"] == "-":
            for line in lines:
                self.stdout.write(line, ending="")
            return
        path = Path(options["file"])
        if path.exists() and not options["replace"]:
            raise CommandError(f"{path} is there already: name another file, or add --replace.")
        try:
            # It holds every address: for nobody's eyes but its owner's.
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
            ) as file:
                count = sum(bool(file.write(line)) for line in lines)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror or error}.") from error
        people = count_of(count - (not options["json"]), "subscriber")
        self.stdout.write(f"{path}: {people}. It holds personal data: keep it from others.")
