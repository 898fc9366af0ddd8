from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from digest.english import count_of
from digest.management.archive.manifest import ArchiveError
from digest.management.archive.write import write_backup
from digest.management.now_option import add_now, read_now
from digest.models import DailyFigure
from digest.watch.daily_figures import write_figures


class Command(BaseCommand):
    help = "Write the whole database into one file, which `manage.py restore` puts back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="such as offprint-2026-11-27.backup")
        parser.add_argument(
            "--replace", action="store_true", help="Write over the file if it is there."
        )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        path, now = options["file"], read_now(options["now"])
        if path.exists() and not options["replace"]:
            raise CommandError(f"{path} is there already: name another file, or add --replace.")
        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("Writing"), DownloadColumn(), TimeElapsedColumn())
        try:
            with Progress(
                *columns, console=console, transient=True, disable=not console.is_terminal
            ) as progress:
                bar = progress.add_task("Writing", total=None)
                manifest = write_backup(path, now, lambda size: progress.advance(bar, size))
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        # For doctor, which says when the last one is old; the file itself does not know of it.
        write_figures(now.date(), DailyFigure.Name.BACKUP, {"": now.timestamp()})
        readers = count_of(manifest.rows.get("subscribers_subscriber", 0), "subscriber")
        deliveries = manifest.rows.get("digest_delivery", 0)
        size = path.stat().st_size / 1e6
        self.stdout.write(
            f"{path}: {readers}, deliveries: {deliveries}, {size:.1f} MB. Keep "
            f"SECRET_KEY elsewhere: only its fingerprint {manifest.key_fingerprint} is in it."
        )
