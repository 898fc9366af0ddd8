"""manage.py import_sources F.opml: the feeds that somebody's feed reader exported."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.english import count_of
from digest.ingest.look_at import find_source_address
from digest.ingest.propose import BadAddress, guess_title, list_known_sources, refuse_address
from digest.ingest.sources.addresses import make_address_key, tidy_url
from digest.ingest.sources.known_pages import NoList
from digest.ingest.sources.opml import BYTES, NotOpml, Outline, read_opml
from digest.ingest.text.clean import clean_text
from digest.management.new_sources import check_row
from digest.management.now_option import add_now, read_now
from digest.models import Source


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
        self._known = list_known_sources()
        tally = Counter(self._add_source(outline, now) for outline in outlines)
        self.stdout.write(
            f"{count_of(len(outlines), 'outline')}: {count_of(tally['added'], 'source')} added, "
            f"{tally['known']} known already, {tally['left out']} left out."
        )

    def _add_source(self, outline: Outline, now: datetime) -> str:
        url = tidy_url(clean_text(outline.url, 2000))
        try:
            refuse_address(url)
            url, kind = find_source_address(url)
            if known := self._known.get(make_address_key(url)):
                self.stdout.write(f"Known already, as {known.title}: {url}")
                return "known"
            title = clean_text(outline.title, 200) or guess_title(url)[:200]
            source = Source(kind=kind, url=url, title=title, next_fetch_at=now)
            check_row(source)
        except (CommandError, BadAddress, NoList) as error:
            self.stdout.write(f"Left out, {clean_text(outline.title, 200) or 'untitled'}: {error}")
            return "left out"
        source.save()
        self._known[make_address_key(url)] = source
        self.stdout.write(f"Added, {source.title}: {url}")
        return "added"
