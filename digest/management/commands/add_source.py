"""manage.py add_source URL: one more place to poll, looked at before it is saved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.english import count_of
from digest.ingest.look_at import (
    LookedAt,
    NotASource,
    Unreachable,
    find_source_address,
    look_at_source,
)
from digest.ingest.sources.host_rate_limit import HostBusy
from digest.ingest.sources.known_pages import NoList
from digest.ingest.sources.sandbox import MachineBusy
from digest.management.new_sources import check_address, check_row, find_known_source, guess_title
from digest.management.now_option import add_now, read_now
from digest.models import Source

KINDS = [str(kind) for kind in Source.Kind.values]


class Command(BaseCommand):
    help = (
        "Add a source: Hugging Face's list, an arXiv list, any RSS or Atom feed, or a page that "
        "names one. It is fetched once before it is saved, and its first papers are shown."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--kind", metavar="K", help=f"{', '.join(KINDS)}; else guessed.")
        parser.add_argument("--title", metavar="T", help="What readers see; else its address.")
        parser.add_argument("--no-fetch", action="store_true", help="Save it without a look.")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        kind = options["kind"] or ""
        if kind and kind not in KINDS:
            raise CommandError(f"“{kind}” is not a kind of source: write {', '.join(KINDS)}.")
        try:
            url, kind = find_source_address(options["url"], kind)
        except NoList as error:
            raise CommandError(str(error)) from error
        check_address(url)
        if self._is_known(url):
            return
        source = Source(kind=kind, url=url, title="-", next_fetch_at=now)
        check_row(source)
        if not options["no_fetch"] and not self._look_at(source, now):
            return
        source.title = (options["title"] or guess_title(source.url)).strip()[:200]
        check_row(source)
        source.save()
        self.stdout.write(
            f"Source {source.pk}, {source.title}, is added as {source.get_kind_display()}. "
            f"Ask it now with: manage.py ingest --source {source.pk}"
        )

    def _is_known(self, url: str) -> bool:
        known = find_known_source(url)
        if known:
            self.stdout.write(f"Source {known.pk}, {known.title}, has this address already.")
        return known is not None

    def _look_at(self, source: Source, now: datetime) -> bool:
        """Show what the source holds; False where the feed that a page names is a source already.

        A host that does not answer now may later, so that is said and the source is saved.
        """
        try:
            looked = look_at_source(source.url, source.kind, now)
        except NotASource as error:
            raise CommandError(f"Nothing is added. {error}") from error
        except (Unreachable, HostBusy, MachineBusy) as error:
            self.stdout.write(f"Nobody has looked at it yet: {error}")
            return True
        if looked.url != source.url:
            self.stdout.write(f"The page names this feed: {looked.url}")
            check_address(looked.url)
            if self._is_known(looked.url):
                return False
        source.url, source.kind = looked.url, looked.kind
        self._show_papers(looked)
        return True

    def _show_papers(self, looked: LookedAt) -> None:
        if not looked.count:
            self.stdout.write("It holds no papers at the moment.")
        else:
            first = f"; the first {len(looked.papers)}:" if looked.count > 1 else ":"
            self.stdout.write(f"It holds {count_of(looked.count, 'paper')}{first}")
        for title in looked.papers:
            self.stdout.write(f"  {title}")
        if looked.problem:
            self.stdout.write(looked.problem)
        for other in looked.others[:5]:
            self.stdout.write(f"The page names another feed: {other}")
