from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from digest.management.archive.manifest import ArchiveError, Manifest
from digest.management.archive.read import list_pending, restore_backup
from digest.management.now_option import add_now, read_now


class Command(BaseCommand):
    help = "Put a backup in the place of the database. Nothing is mailed until it is reconciled."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument(
            "--replace", action="store_true", help="Drop what is in the database now."
        )
        parser.add_argument(
            "--other-key",
            action="store_true",
            help="Though it was made under another SECRET_KEY: links already sent are then dead.",
        )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now, console = read_now(options["now"]), Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("Reading"), DownloadColumn(), TimeElapsedColumn())
        try:
            with Progress(
                *columns, console=console, transient=True, disable=not console.is_terminal
            ) as progress:
                bar = progress.add_task("Reading", total=None)
                manifest = restore_backup(
                    options["file"],
                    now,
                    lambda size: progress.advance(bar, size),
                    other_key=options["other_key"],
                    replace=options["replace"],
                )
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        self._say_what_next(manifest)

    def _say_what_next(self, manifest: Manifest) -> None:
        rows = sum(manifest.rows.values())
        self.stdout.write(f"The backup of {manifest.made_at} is in place: {rows} rows.")
        if pending := list_pending(manifest):
            self.stdout.write(
                f"It was made by an older release: {pending} migrations are pending. First run: "
                "manage.py migrate"
            )
        self.stdout.write(
            "No digest leaves until you have run manage.py reconcile, which settles what was "
            "mailed since that backup (docs/operate/backup.md). Whoever left since may be in it "
            "again."
        )
