"""What an operator can tell sources: to be asked now, to stop, to go on.

The admin and the management API perform these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from digest.english import day_in_words
from digest.models import Source

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

State = Source.State


@dataclass(frozen=True)
class SourceAct:
    """One act, for the sources that are active, or for those that are not."""

    is_for_active: bool
    noted: StrOrPromise  # in the audit log
    done: StrOrPromise  # said of a `count` of sources
    obstacle: StrOrPromise  # why it changes nothing for the others
    make_changes: Callable[[datetime], dict[str, Any]]

    def describe_done(self, count: int) -> str:
        """Such as "2 sources will be asked within a minute."."""
        return str(self.done % {"count": count})

    def perform(self, sources: QuerySet[Source], now: datetime) -> list[Source]:
        """Do it, and return those that it changed."""
        chosen = list(sources.filter(is_active=self.is_for_active))
        rows = Source.objects.filter(pk__in=[one.pk for one in chosen])
        rows.filter(is_active=self.is_for_active).update(**self.make_changes(now))
        return chosen


ACTS = {
    "poll": SourceAct(
        is_for_active=True,
        noted=gettext_lazy("Asked for at once"),
        done=ngettext_lazy(
            "%(count)s source will be asked within a minute.",
            "%(count)s sources will be asked within a minute.",
            "count",
        ),
        obstacle=gettext_lazy("resume what is stopped first."),
        make_changes=lambda _now: {"next_fetch_at": None},
    ),
    "pause": SourceAct(
        is_for_active=True,
        noted=gettext_lazy("Stopped"),
        done=ngettext_lazy(
            "%(count)s source stopped. Their papers stay.",
            "%(count)s sources stopped. Their papers stay.",
            "count",
        ),
        obstacle=gettext_lazy("stopped already."),
        make_changes=lambda now: {
            "is_active": False,
            "state": State.STOPPED,
            "note": _("Stopped by hand on %(now)s. Resume it to have it asked again.")
            % {"now": day_in_words(now)},
        },
    ),
    # As if it had just been added; what it said before is forgotten.
    "resume": SourceAct(
        is_for_active=False,
        noted=gettext_lazy("Resumed"),
        done=ngettext_lazy(
            "%(count)s source will be asked within a minute.",
            "%(count)s sources will be asked within a minute.",
            "count",
        ),
        obstacle=gettext_lazy("not stopped."),
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
