"""A source before it is one: its address checked, its list found and looked at once.

The command `add_source` and the admin's page for a new source do the same by this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from digest.ingest.look_at import (
    LookedAt,
    Unreachable,
    find_source_address,
    look_at_source,
)
from digest.ingest.sources.addresses import explain_inner_address, make_address_key, split_url
from digest.ingest.sources.host_rate_limit import HostBusy
from digest.ingest.sources.sandbox import MachineBusy
from digest.models import Source


class BadAddress(ValueError):
    """What is no address on the public web; the message is a sentence."""


@dataclass(frozen=True)
class ProposedSource:
    """Where the papers of an address are listed, as what kind, and what a look at it brought."""

    url: str
    kind: str
    looked: LookedAt | None = None
    unseen: str = ""  # why nobody could look at it, in a sentence
    known: Source | None = None  # that has this address already
    is_named_by_page: bool = False  # the address that was given is that of a page

    @property
    def title(self) -> str:
        """What the list calls itself, else its address."""
        named = self.looked.title if self.looked else ""
        return named.strip()[:200] or guess_title(self.url)


def propose_source(
    url: str, kind: str, now: datetime, *, is_looked_at: bool = True
) -> ProposedSource:
    """Find and fetch the list that belongs to an address; `kind` is "" where it is to be found out.

    Raises BadAddress, NoList for a page that lists nothing, and NotASource for what cannot be read.
    A host that does not answer now may later: that is said in `unseen`.
    """
    url, kind = find_source_address(url, kind)
    refuse_address(url)
    proposed = ProposedSource(url, kind, known=find_known_source(url))
    if proposed.known or not is_looked_at:
        return proposed
    try:
        looked = look_at_source(url, kind, now)
    except (Unreachable, HostBusy, MachineBusy) as error:
        return replace(proposed, unseen=str(error))
    refuse_address(looked.url)
    known, is_named = find_known_source(looked.url), looked.url != url
    return ProposedSource(looked.url, looked.kind, looked, known=known, is_named_by_page=is_named)


def refuse_address(url: str) -> None:
    """Raise BadAddress for what is no address on the public web."""
    parts = split_url(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddress(
            _(
                "“%(url)s” is not an address: it must begin with http:// or https://. A "
                "category of arXiv can be given by its name, such as cs.CL or "
                "cs.CL+stat.ML."
            )
            % {"url": url}
        )
    if reason := explain_inner_address(url):
        raise BadAddress(reason)


def list_known_sources() -> dict[str, Source]:
    """The sources by what their address is compared by: without https or a slash at its end."""
    sources = Source.objects.only("pk", "url", "title").order_by("-pk")
    return {make_address_key(source.url): source for source in sources}


def find_known_source(url: str) -> Source | None:
    """The source that has this address, in whatever spelling."""
    return list_known_sources().get(make_address_key(url))


def guess_title(url: str) -> str:
    """A title to start with: the host and path, without what every address has."""
    parts = split_url(url)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}" or url
