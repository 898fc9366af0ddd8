"""What an operator can tell sources: to be asked now, to stop, to go on.

The admin and the management API perform these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from digest.english import day_in_words
from digest.models import Source

State = Source.State


@dataclass(frozen=True)
class SourceAct:
    """One act, for the sources that are active, or for those that are not."""

    is_for_active: bool
    noted: str  # in the audit log
    done: str  # said of "2 sources"
    obstacle: str  # why it changes nothing for the others
    make_changes: Callable[[datetime], dict[str, Any]]

    def perform(self, sources: QuerySet[Source], now: datetime) -> list[Source]:
        """Do it, and return those that it changed."""
        chosen = list(sources.filter(is_active=self.is_for_active))
        rows = Source.objects.filter(pk__in=[one.pk for one in chosen])
        rows.filter(is_active=self.is_for_active).update(**self.make_changes(now))
        return chosen


ACTS = {
    "poll": SourceAct(
        is_for_active=True,
        noted="Asked for at once",
        done="{sources} will be asked within a minute.",
        obstacle="resume what is stopped first.",
        make_changes=lambda _now: {"next_fetch_at": None},
    ),
    "pause": SourceAct(
        is_for_active=True,
        noted="Stopped",
        done="{sources} stopped. Their papers stay.",
        obstacle="stopped already.",
        make_changes=lambda now: {
            "is_active": False,
            "state": State.STOPPED,
            "note": f"Stopped by hand on {day_in_words(now)}. Resume it to have it asked again.",
        },
    ),
    # As if it had just been added; what it said before is forgotten.
    "resume": SourceAct(
        is_for_active=False,
        noted="Resumed",
        done="{sources} will be asked within a minute.",
        obstacle="not stopped.",
        make_changes=lambda _now: {
            "is_active": True,
            "state": State.NEW,
            "note": "",
            "last_error": "",
            "failures": 0,
            "next_fetch_at": None,
        },
    ),
}
