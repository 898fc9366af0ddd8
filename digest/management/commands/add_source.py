"""manage.py add_source URL: one more place to poll, looked at before it is saved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.english import count_of
from digest.ingest.look_at import LookedAt, NotASource
from digest.ingest.propose import BadAddress, ProposedSource, propose_source
from digest.ingest.sources.known_pages import NoList
from digest.management.new_sources import check_row
from digest.management.now_option import add_now, read_now
from digest.models import Source

KINDS = [str(kind) for kind in Source.Kind.values]


class Command(BaseCommand):
    help = (
        "Add a source: Hugging Face's list, an arXiv list, any RSS or Atom feed, or a page that "
        "names one. It is fetched once before it is saved, and its first papers are shown."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "url", metavar="URL", help="Its address, or a category of arXiv, such as cs.CL."
        )
        parser.add_argument("--kind", metavar="K", help=f"{', '.join(KINDS)}; else guessed.")
        parser.add_argument("--title", metavar="T", help="What readers see; else its own.")
        parser.add_argument("--no-fetch", action="store_true", help="Save it without a look.")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        kind = options["kind"] or ""
        if kind and kind not in KINDS:
            raise CommandError(f"“{kind}” is not a kind of source: write {', '.join(KINDS)}.")
        proposed = self._propose(options["url"], kind, now, is_looked_at=not options["no_fetch"])
        if proposed.known:
            known = proposed.known
            self.stdout.write(f"Source {known.pk}, {known.title}, has this address already.")
            return
        title = (options["title"] or proposed.title).strip()[:200]
        source = Source(kind=proposed.kind, url=proposed.url, title=title, next_fetch_at=now)
        check_row(source)
        source.save()
        self.stdout.write(
            f"Source {source.pk}, {source.title}, is added as {source.get_kind_display()}. "
            f"Ask it now with: manage.py ingest --source {source.pk}"
        )

    def _propose(self, url: str, kind: str, now: datetime, *, is_looked_at: bool) -> ProposedSource:
        """Find what belongs to the address, and show what it holds."""
        try:
            proposed = propose_source(url, kind, now, is_looked_at=is_looked_at)
        except (BadAddress, NoList) as error:
            raise CommandError(str(error)) from error
        except NotASource as error:
            raise CommandError(f"Nothing is added. {error}") from error
        if proposed.is_named_by_page:
            self.stdout.write(f"The page names this feed: {proposed.url}")
        if proposed.unseen:
            self.stdout.write(f"Nobody has looked at it yet: {proposed.unseen}")
        if proposed.looked and not proposed.known:
            self._show_papers(proposed.looked)
        return proposed

    def _show_papers(self, looked: LookedAt) -> None:
        if not looked.count:
            self.stdout.write("It holds no papers at the moment.")
        else:
            first = f"; the first {len(looked.papers)}:" if looked.count > 1 else ":"
            self.stdout.write(f"It holds {count_of(looked.count, 'paper')}{first}")
        for paper in looked.papers:
            self.stdout.write(f"  {paper.title}")
        if looked.problem:
            self.stdout.write(looked.problem)
        for other in looked.others[:5]:
            self.stdout.write(f"The page names another feed: {other}")
