"""Which deliveries may leave now: what every run asks before it claims and before each call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from digest.flight import breaker, canary, preflight
from digest.flight.states import (
    begin_flight,
    describe_hold,
    end_canary,
    go_on_with_canary,
    hold_edition,
    remind_of_hold,
)
from digest.models import Delivery, EditionFlight

State, Status = EditionFlight.State, Delivery.Status

LOOK_EVERY = timedelta(seconds=1)  # so old may be what a run goes by
BREAKER_EVERY = timedelta(seconds=5)
CHECKED_EVERY = timedelta(hours=1)
# Whoever began to check and has not ended since is dead.
CHECK_TAKES = timedelta(minutes=2)
MOST_TOLD = 3  # faults


@dataclass(frozen=True)
class Clearance:
    """What may be claimed: all of some editions, and single mails of others."""

    editions: frozenset[int] = frozenset()
    deliveries: frozenset[int] = frozenset()
    held: frozenset[int] = frozenset()  # editions
    waits: tuple[str, ...] = field(default=())  # why other mails wait, as sentences

    def list_conditions(self) -> Iterator[Q]:
        """One after the other, so that each is read by an index."""
        if self.deliveries:
            yield Q(pk__in=self.deliveries)
        if self.editions:
            yield Q(edition_id__in=self.editions)


class FlightGate:
    """What a run may hand over, read anew each LOOK_EVERY; each reading moves the editions on.

    `only` is an address whose mails wait for no canary: somebody who has just confirmed.
    """

    def __init__(self, only: str | None = None) -> None:
        self._only = only
        self._clearance = Clearance()
        self._read_at: datetime | None = None

    def read(self, now: datetime) -> Clearance:
        """The present clearance. Raises what the database raises."""
        if self._read_at is None or not timedelta(0) <= now - self._read_at < LOOK_EVERY:
            flights = [advance_flight(flight, now) for flight in list_flights(now)]
            self._clearance = _sum_up(flights, is_alone=bool(self._only))
            self._read_at = now
        return self._clearance


def list_flights(now: datetime) -> list[EditionFlight]:
    """Those of the editions with open mails, begun where there is none yet.

    A step of the index for each edition: a million open rows are not gone through.
    """
    flights, last = [], 0
    rows = Delivery.objects.filter(status__in=[Status.PLANNED, Status.CLAIMED])
    rows = rows.order_by("edition_id", "pk")
    while row := rows.filter(edition_id__gt=last).values_list("edition_id").first():
        [last] = row
        flight, _unused = EditionFlight.objects.select_related("edition").get_or_create(
            edition_id=last, defaults={"since": now}
        )
        flights.append(flight)
    return flights


def advance_flight(flight: EditionFlight, now: datetime) -> EditionFlight:
    """Move it on as far as it may go now; as it is then.

    Whatever a worker that dies here leaves undone the next one does: the row says how far it is.
    """
    while (after := _advance_once(flight, now)).state != flight.state:
        flight = after
    return after


def _advance_once(flight: EditionFlight, now: datetime) -> EditionFlight:
    if flight.state == State.HELD:
        remind_of_hold(flight, now)
        return flight
    is_ours = _take_check(flight, now)
    if is_ours and (faults := preflight.find_faults(flight.edition, now)):
        hold_edition(flight, "preflight", " ".join(faults[:MOST_TOLD]), now)
    elif flight.state == State.PREFLIGHT:
        if is_ours:
            begin_flight(flight)
    elif _take_look(flight, now) and (trip := breaker.find_trip(flight, now)):
        hold_edition(flight, *trip, now)
    elif flight.state == State.CANARY:
        _end_watch(flight, now)
    elif is_small(flight) and canary.has_grown(flight.edition):
        begin_flight(flight)
    else:
        return flight
    return EditionFlight.objects.select_related("edition").get(pk=flight.pk)


def is_small(flight: EditionFlight) -> bool:
    """Whether it leaves without a canary because it has few mails: only those that wait now may."""
    return bool(
        flight.state == State.FLYING
        and not flight.canary_size
        and not flight.released_at
        and settings.CANARY_MINUTES
    )


def _end_watch(flight: EditionFlight, now: datetime) -> None:
    """Go on with the canary; before the others follow, the breaker looks once more."""
    flight = go_on_with_canary(flight)
    if flight.state != State.CANARY or not flight.canary_until or now < flight.canary_until:
        return
    if trip := breaker.find_trip(flight, now):
        hold_edition(flight, *trip, now)
    else:
        end_canary(flight, now)


def _take_check(flight: EditionFlight, now: datetime) -> bool:
    """Whether its mails are to be checked, by us alone; what a person released is not."""
    if flight.released_at:
        return False
    every = CHECK_TAKES if flight.state == State.PREFLIGHT else CHECKED_EVERY
    return _take_turn(flight, "checked_at", every, now)


def _take_look(flight: EditionFlight, now: datetime) -> bool:
    return _take_turn(flight, "looked_at", BREAKER_EVERY, now)


def _take_turn(flight: EditionFlight, name: str, every: timedelta, now: datetime) -> bool:
    """Write down that it is done now, where nobody did within `every`."""
    last = getattr(flight, name)
    if last and abs(now - last) < every:
        return False
    rows = EditionFlight.objects.filter(pk=flight.pk, state=flight.state, **{name: last})
    return bool(rows.update(**{name: now}))


def _sum_up(flights: Iterable[EditionFlight], *, is_alone: bool) -> Clearance:
    """`is_alone` is true for a run for one address."""
    editions, single, held, waits = set[int](), set[int](), set[int](), list[str]()
    for flight in flights:
        pk = flight.edition_id
        if flight.state == State.HELD:
            held.add(pk)
            waits.append(describe_hold(flight))
        elif flight.state == State.PREFLIGHT:
            waits.append(
                _("The edition of %(date)s is being checked.") % {"date": flight.edition.date}
            )
        elif is_alone:
            editions.add(pk)
        elif flight.state == State.CANARY:
            single.update(flight.canary)
            waits += [describe_watch(flight)] if flight.canary_until else []
        elif is_small(flight):
            single.update(canary.list_waiting(flight.edition))
        else:
            editions.add(pk)
    return Clearance(frozenset(editions), frozenset(single), frozenset(held), tuple(waits))


def describe_watch(flight: EditionFlight) -> str:
    """How far an edition is whose first mails are watched, for who asks where its mails are."""
    return _(
        "The first %(count)s mails of the edition of %(date)s have left; the "
        "others follow at %(canary_until)s UTC, where nothing speaks against it."
    ) % {
        "count": len(flight.canary),
        "date": flight.edition.date,
        "canary_until": f"{flight.canary_until:%H:%M}",
    }
