"""manage.py export_sources: the sources as OPML, for a feed reader or another Offprint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.english import count_of
from digest.ingest.sources.opml import Outline, write_opml
from digest.models import Source


class Command(BaseCommand):
    help = "Write the sources as OPML, which import_sources and feed readers read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="Or - for standard output.")
        parser.add_argument("--all", action="store_true", help="Those that are stopped, too.")
        parser.add_argument(
            "--replace", action="store_true", help="Write over the file if it is there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sources = Source.objects.order_by("title", "pk")
        if not options["all"]:
            sources = sources.filter(is_active=True)
        outlines = [Outline(source.url, source.title) for source in sources]
        written = write_opml(outlines)
        if options["file"] == "-":
            self.stdout.write(written, ending="")
            return
        path = Path(options["file"])
        if path.exists() and not options["replace"]:
            raise CommandError(f"{path} is there already: name another file, or add --replace.")
        try:
            path.write_text(written, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror or error}.") from error
        self.stdout.write(f"{path}: {count_of(len(outlines), 'source')}.")
