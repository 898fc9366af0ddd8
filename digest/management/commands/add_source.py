"""manage.py add_source URL: one more place to poll."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.management.clock import add_now, read_now
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
        _check_address(url)
        kind = options["kind"] or guess_kind(url)
        if kind not in KINDS:
            raise CommandError(f"“{kind}” is not a kind of source: write {', '.join(KINDS)}.")
        if known := Source.objects.filter(url=url).first():
            self.stdout.write(f"Source {known.pk}, {known.title}, has this address already.")
            return
        title = (options["title"] or guess_title(url)).strip()
        source = Source(kind=kind, url=url, title=title[:200], next_fetch_at=now)
        _check_row(source)
        source.save()
        self.stdout.write(
            f"Source {source.pk}, {source.title}, is added as {source.get_kind_display()}. "
            f"Ask it now with: manage.py ingest --source {source.pk}"
        )


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web:
        raise CommandError(f"“{url}” is not an address: it must begin with http:// or https://.")


def _check_row(source: Source) -> None:
    try:
        source.full_clean()
    except ValidationError as error:
        said = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise CommandError(f"The source was not added. {said}") from error


def guess_kind(url: str) -> str:
    """The kind of source that an address leads to, judged by its host and path.

    >>> guess_kind("https://rss.arxiv.org/rss/cs.CL")
    'arxiv'
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "huggingface.co" and parts.path.rstrip("/") == "/api/daily_papers":
        return Source.Kind.HUGGINGFACE
    if host == "arxiv.org" or host.endswith(".arxiv.org"):
        return Source.Kind.ARXIV
    return Source.Kind.FEED


def guess_title(url: str) -> str:
    """A title to start with: the host and path, without what every address has."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}" or url
