"""The feeds of an OPML file become sources: the command and the admin's page do it by this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.ingest.look_at import find_source_address
from digest.ingest.propose import BadAddress, guess_title, list_known_sources, refuse_address
from digest.ingest.sources.addresses import make_address_key, tidy_url
from digest.ingest.sources.known_pages import NoList
from digest.ingest.sources.opml import Outline
from digest.ingest.text.clean import clean_text
from digest.models import Source


class Fate(TextChoices):
    ADDED = "added", gettext_lazy("added")
    KNOWN = "known already", gettext_lazy("known already")
    LEFT_OUT = "left out", gettext_lazy("left out")


@dataclass(frozen=True)
class AddedOutline:
    """What became of one outline, in a line; the source where one was made of it."""

    fate: Fate
    said: str
    source: Source | None = None


def add_outlines(outlines: list[Outline], now: datetime) -> list[AddedOutline]:
    """Save a source for each feed that is none yet, in the file's order. Safe to run twice."""
    known = list_known_sources()
    return [_add_outline(outline, known, now) for outline in outlines]


def _add_outline(outline: Outline, known: dict[str, Source], now: datetime) -> AddedOutline:
    named = clean_text(outline.title, 200)
    url = tidy_url(clean_text(outline.url, 2000))
    try:
        refuse_address(url)
        url, kind = find_source_address(url)
        if there := known.get(make_address_key(url)):
            return AddedOutline(
                Fate.KNOWN,
                _("Known already, as %(title)s: %(url)s") % {"title": there.title, "url": url},
            )
        source = Source(kind=kind, url=url, title=named or guess_title(url)[:200])
        source.next_fetch_at = now
        source.full_clean()
    except ValidationError as error:
        return AddedOutline(Fate.LEFT_OUT, _leave_out(named, " ".join(error.messages)))
    except (BadAddress, NoList) as error:
        return AddedOutline(Fate.LEFT_OUT, _leave_out(named, str(error)))
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError:
        said = _("Known already, somebody added it in this moment: %(url)s") % {"url": url}
        return AddedOutline(Fate.KNOWN, said)
    known[make_address_key(url)] = source
    return AddedOutline(
        Fate.ADDED, _("Added, %(title)s: %(url)s") % {"title": source.title, "url": url}, source
    )


def _leave_out(title: str, why: str) -> str:
    return _("Left out, %(title)s: %(why)s") % {"title": title or _("untitled"), "why": why}
