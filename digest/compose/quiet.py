"""Why a subscriber has no papers today: the reason, one of Delivery.Quiet, and its sentence.

Which of them it is finds digest/compose/select.py among the papers; what is known only of the
sources is added here. Why a whole day has no papers is told by digest/web/quiet_days.py.
"""

from __future__ import annotations

from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.compose.profiles import Profile
from digest.models import Delivery, DigestContents, Source
from digest.watch import source_age

Quiet = Delivery.Quiet
SOURCES_NOTE_CHARS = 600


class QuietReasons:
    """Names and words the reasons, as the sources are when it is made."""

    def __init__(self) -> None:
        self._last_read = source_age.find_last_read()
        self._has_sources = Source.objects.filter(is_active=True).exists()

    def name_reason(self, profile: Profile, reason: str) -> str:
        """The reason for no papers: that nothing was announced only where somebody could read."""
        last, since = self._last_read, profile.since
        is_unread = last is None or (since is not None and last <= since)
        is_without_news = reason == Quiet.NOTHING_NEW or (reason == Quiet.SENT_BEFORE and last)
        if self._has_sources and is_unread and is_without_news:
            return Quiet.NOT_READ
        return reason

    def write_contents(self, reason: str, *, seen: int, topics: int) -> DigestContents:
        """The contents of a delivery without papers: the reason in a sentence.

        `seen` papers were new to the subscriber, who follows so many `topics`.
        """
        if reason == Quiet.NOTHING_NEW:
            note = (
                _("No source announced anything new. %(sources_notes)s")
                % {"sources_notes": self._sources_notes}
            ).strip()
        elif reason == Quiet.NO_MATCH:
            note = _("Of %(papers)s none is in %(topics)s.") % _count_both(seen, topics)
        elif reason == Quiet.PASSING:
            counts = _count_both(seen, topics)
            note = _("Of %(papers)s none is on %(topics)s: there are only mentions.") % counts
        else:
            note = f"{Quiet(reason).label}.".capitalize()
        return DigestContents(note=note)

    @cached_property
    def _sources_notes(self) -> str:
        """What the active sources say of their silence."""
        notes = Source.objects.filter(is_active=True).exclude(note="").order_by("pk")
        pairs = notes.values_list("title", "note")
        return " ".join(f"{title}: {note}" for title, note in pairs)[:SOURCES_NOTE_CHARS]


def _count_both(seen: int, topics: int) -> dict[str, str]:
    """What was looked at, and for what, in words."""
    papers = ngettext("%(seen)s new paper", "%(seen)s new papers", seen)
    return {
        "papers": papers % {"seen": seen},
        "topics": ngettext("%(topics)s topic", "%(topics)s topics", topics) % {"topics": topics},
    }
