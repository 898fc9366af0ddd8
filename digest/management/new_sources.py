"""What makes an address a source, for the commands that add some."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from digest.ingest.sources.addresses import explain_inner_address, make_address_key, split_url
from digest.models import Source


def check_address(url: str) -> None:
    """Raise CommandError, with a sentence, for what is no address on the public web."""
    parts = split_url(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CommandError(f"“{url}” is not an address: it must begin with http:// or https://.")
    if reason := explain_inner_address(url):
        raise CommandError(reason)


def list_known_sources() -> dict[str, Source]:
    """The sources by what their address is compared by: without https or a slash at its end."""
    sources = Source.objects.only("pk", "url", "title").order_by("-pk")
    return {make_address_key(source.url): source for source in sources}


def find_known_source(url: str) -> Source | None:
    """The source that has this address, in whatever spelling."""
    return list_known_sources().get(make_address_key(url))


def check_row(source: Source) -> None:
    """Raise CommandError, with a sentence, for a source that cannot be saved."""
    try:
        source.full_clean()
    except ValidationError as error:
        said = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise CommandError(f"The source was not added. {said}") from error


def guess_title(url: str) -> str:
    """A title to start with: the host and path, without what every address has."""
    parts = split_url(url)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}" or url
