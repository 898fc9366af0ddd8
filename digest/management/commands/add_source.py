"""manage.py add_source URL: one more place to poll."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.management.new_sources import check_address, check_row, guess_kind, guess_title
from digest.management.now_option import add_now, read_now
from digest.models import Source

KINDS = [str(kind) for kind in Source.Kind.values]


class Command(BaseCommand):
    help = "Add a source: Hugging Face's list, an arXiv list, or any RSS or Atom feed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--kind", metavar="K", help=f"{', '.join(KINDS)}; else guessed.")
        parser.add_argument("--title", metavar="T", help="What readers see; else its address.")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        url = options["url"].strip()
        check_address(url)
        kind = options["kind"] or guess_kind(url)
        if kind not in KINDS:
            raise CommandError(f"“{kind}” is not a kind of source: write {', '.join(KINDS)}.")
        if known := Source.objects.filter(url=url).first():
            self.stdout.write(f"Source {known.pk}, {known.title}, has this address already.")
            return
        title = (options["title"] or guess_title(url)).strip()
        source = Source(kind=kind, url=url, title=title[:200], next_fetch_at=now)
        check_row(source)
        source.save()
        self.stdout.write(
            f"Source {source.pk}, {source.title}, is added as {source.get_kind_display()}. "
            f"Ask it now with: manage.py ingest --source {source.pk}"
        )
