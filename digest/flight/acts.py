"""What an operator can do with an edition: hold it, release it, or end its canary.

The admin's pages and the management API perform these, and nothing else changes a flight by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.flight.states import end_canary_early, hold_edition, release_edition
from digest.models import EditionFlight

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

State = EditionFlight.State


@dataclass(frozen=True)
class FlightAct:
    """Something an operator can do with an edition that is in one of some states."""

    name: str  # in its address
    label: StrOrPromise  # on its button
    title: StrOrPromise  # of its page, with the edition's date
    consequence: StrOrPromise
    states: frozenset[str]
    done: StrOrPromise
    perform: Callable[[EditionFlight, str, str, datetime], bool]
    asks_why: bool = False

    def is_possible(self, flight: EditionFlight, waiting: int) -> bool:
        """Where nothing waits any more there is nothing to hold or to let go."""
        return flight.state in self.states and (waiting > 0 or flight.state == State.HELD)


def _hold(flight: EditionFlight, by: str, why: str, now: datetime) -> bool:
    return hold_edition(
        flight,
        "operator",
        _("%(by)s held it: %(why)s.") % {"by": by, "why": why.rstrip(".")},
        now,
    )


ACTS = {
    act.name: act
    for act in (
        FlightAct(
            "release",
            gettext_lazy("Release it"),
            gettext_lazy("Release the edition of {date}"),
            gettext_lazy(
                "Once it is released it goes on where it was held; its mails are not checked "
                "again, and the breaker counts anew."
            ),
            frozenset({State.HELD}),
            gettext_lazy("The edition of {date} goes on."),
            lambda flight, by, _why, now: release_edition(flight, by, now),
        ),
        FlightAct(
            "follow",
            gettext_lazy("Let the others follow now"),
            gettext_lazy("End the canary of {date}"),
            gettext_lazy(
                "The first mails are watched before the others follow. Do not wait any longer only "
                "where you know what they look like: the breaker still watches those that follow."
            ),
            frozenset({State.CANARY}),
            gettext_lazy("The others of the edition of {date} follow now."),
            lambda flight, _by, _why, now: end_canary_early(flight, now),
        ),
        FlightAct(
            "hold",
            gettext_lazy("Hold it"),
            gettext_lazy("Hold the edition of {date}"),
            gettext_lazy(
                "Nothing more of it leaves from now on but what is in the middle of a call. All "
                "operators are told. It stays held until somebody releases it; mails that wait for "
                "more than a day expire."
            ),
            frozenset({State.PREFLIGHT, State.CANARY, State.FLYING}),
            gettext_lazy("The edition of {date} is held."),
            _hold,
            asks_why=True,
        ),
    )
}
