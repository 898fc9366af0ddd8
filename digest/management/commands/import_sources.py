"""manage.py import_sources F.opml: the feeds that somebody's feed reader exported."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.english import count_of
from digest.ingest.add_outlines import Fate, add_outlines
from digest.ingest.sources.opml import BYTES, NotOpml, read_opml
from digest.management.now_option import add_now, read_now


class Command(BaseCommand):
    help = "Add every feed of an OPML file, as feed readers export them. Safe to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="F.opml", type=Path)
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now, path = read_now(options["now"]), options["file"]
        try:
            with path.open("rb") as file:
                outlines = read_opml(file.read(BYTES + 1))
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be opened: {error.strerror}.") from error
        except NotOpml as error:
            raise CommandError(f"{path} cannot be read as OPML. {error}") from error
        added = add_outlines(outlines, now)
        for one in added:
            self.stdout.write(one.said)
        tally = Counter(one.fate for one in added)
        self.stdout.write(
            f"{count_of(len(outlines), 'outline')}: {count_of(tally[Fate.ADDED], 'source')} added, "
            f"{tally[Fate.KNOWN]} known already, {tally[Fate.LEFT_OUT]} left out."
        )
