"""What makes an address a source, for the commands that add some."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from digest.models import Source


def check_address(url: str) -> None:
    """Raise CommandError, with a sentence, for what is no address on the web."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web:
        raise CommandError(f"“{url}” is not an address: it must begin with http:// or https://.")


def check_row(source: Source) -> None:
    """Raise CommandError, with a sentence, for a source that cannot be saved."""
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
