"""The service's time: the database's clock, but never set back or forward under running work.

All machines read the clock of the database server. Each compares it with how long it has been up,
which nobody can set; where the clock goes elsewhere than that, it was set:

    12:00:00 ─ 12:01:00 ─ clock set to 12:01 tomorrow ─ … an hour … ─ the service takes it over
    service:   12:01:00 ─ 12:01:01 ─ 12:01:02 ─ … ─ 13:01 today, then 13:01 tomorrow

For an hour the service goes on by its own time, so that who is due, what is news and how long a
provider knows a key are what they were. Where the clock is put right again, nothing happened. Else
the new time is taken over in one transaction, and all that waits for a moment moves along
(digest/watch/waiting_moments.py). An operator who knows better says so: `manage.py accept_clock`.

A service that was down, or a machine that was suspended, is no such case: a machine's time up goes
on in its sleep, and after a restart the clock may be anything later than it was last seen.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.models import Delivery, MachineClock, ServiceClock
from digest.watch.waiting_moments import move_requests, move_waiting_moments
from subscribers.database_clock import read_database_time

logger = logging.getLogger(__name__)

# What time servers correct by and by is followed at once; no lifetime here hangs on so little.
LARGEST_FOLLOWED = timedelta(minutes=5)
STANDS_FOR = timedelta(hours=1)  # then a clock that was set is believed
READ_EVERY = timedelta(seconds=30)  # how often a machine's row is written
LOOK_SECONDS = 1.0
FORGOTTEN_AFTER = timedelta(days=30)  # a machine that did not come back
# PostgreSQL's clock and both rows, of which either may not be there yet.
_LOOK = """
    SELECT clock_timestamp(), service.ahead_by, service.set_at, service.is_accepted,
        service.changes, machine.id, machine.read_at, machine.up_for
    FROM (SELECT 1) AS one
    LEFT JOIN digest_serviceclock AS service ON service.id = 1
    LEFT JOIN digest_machineclock AS machine ON machine.boot_id = %s
"""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Reading:
    """What a machine's clocks show at one moment."""

    boot_id: str
    wall: datetime  # of the database
    up_for: timedelta


def read_boot_id() -> str:
    """The kernel's name for this start of the machine; "" where it gives none."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def read_up_time() -> timedelta:
    """How long the machine has been up, its sleep included where the system counts it."""
    clock_id = getattr(time, "CLOCK_BOOTTIME", None)
    seconds = time.monotonic() if clock_id is None else time.clock_gettime(clock_id)
    return timedelta(seconds=seconds)


@dataclass(frozen=True)
class Clocks:
    """The clocks that are compared; tests have their own."""

    read_wall: Callable[[], datetime] = read_database_time
    read_up_time: Callable[[], timedelta] = read_up_time
    read_boot_id: Callable[[], str] = read_boot_id

    @property
    def are_the_servers(self) -> bool:
        """Whether the time is that of a server, which can tell it beside its rows."""
        return self.read_wall is read_database_time and connection.vendor == "postgresql"

    def read(self) -> Reading:
        return Reading(self.read_boot_id(), self.read_wall(), self.read_up_time())


CLOCKS = Clocks()


def read_now() -> datetime:
    """The service's time, for all that composes, delivers and polls; notes a clock that was set.

    One short query at a server, and a write in every READ_EVERY. Within a transaction it may write
    too.
    """
    return _judge_reading(*_read_all())


def read_now_and_watch() -> tuple[datetime, Callable[[], bool]]:
    """The same for a long run, and whether the time goes on as it did (`watch_changes`)."""
    state, own, reading = _read_all()
    return _judge_reading(state, own, reading), watch_changes(state.changes)


def _judge_reading(state: ServiceClock, own: MachineClock | None, reading: Reading) -> datetime:
    now = reading.wall - state.ahead_by
    if own is None or abs(now - _expect_time(own, reading)) > LARGEST_FOLLOWED:
        now = _compare_clocks()
    elif abs(now - own.read_at) >= READ_EVERY:
        # Not where another process wrote it, or the service took a new time over meanwhile.
        unchanged = MachineClock.objects.filter(pk=own.pk, read_at=own.read_at)
        unchanged.update(read_at=now, up_for=reading.up_for)
    if state.set_at and (state.is_accepted or now - state.set_at >= STANDS_FOR):
        return _take_time_over() or now
    return now


def _read_all() -> tuple[ServiceClock, MachineClock | None, Reading]:
    """The service's row, that of this machine, and what its clocks show."""
    if CLOCKS.are_the_servers:
        return _read_all_at_once()
    reading = CLOCKS.read()
    return read_state(), MachineClock.objects.filter(boot_id=reading.boot_id).first(), reading


def _read_all_at_once() -> tuple[ServiceClock, MachineClock | None, Reading]:
    """The same by one statement: tasks ask some twenty times a minute, due or not."""
    boot_id = CLOCKS.read_boot_id()
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [boot_id])
        wall, *columns, pk, read_at, up_for = cursor.fetchone()
    state = ServiceClock(pk=1)
    if columns[0] is not None:  # else there is no row: the clock was never set
        state.ahead_by, state.set_at, state.is_accepted, state.changes = columns
    own = MachineClock(pk, boot_id, read_at, up_for) if pk else None
    return state, own, Reading(boot_id, wall, CLOCKS.read_up_time())


def read_now_or_wall() -> datetime:
    """The service's time; what the machine's clock shows where the tables do not answer."""
    try:
        with transaction.atomic():
            return read_now()
    except DatabaseError:
        return timezone.now()


def read_state() -> ServiceClock:
    """The row, saved or not: without one the clock was never set."""
    return ServiceClock.objects.first() or ServiceClock(pk=1)


def watch_changes(changes: int | None = None) -> Callable[[], bool]:
    """A question for long runs between two pieces of work: whether the time goes on as it did.

    Once the service took another time over, the run's own moments are of the time before: the
    `changes` of it that were known when it began. The database is asked once in LOOK_SECONDS.
    """
    before = read_state().changes if changes is None else changes
    looked_at = time.monotonic()

    def goes_on() -> bool:
        nonlocal looked_at
        if time.monotonic() - looked_at < LOOK_SECONDS:
            return True
        looked_at = time.monotonic()
        return read_state().changes == before

    return goes_on


def accept_clock() -> bool:
    """Let the clock that was set be taken over at the next look; False where none was set."""
    return bool(ServiceClock.objects.filter(set_at__isnull=False).update(is_accepted=True))


def on_time_asked(sender: Any, **_: Any) -> datetime:  # noqa: ARG001
    """Compare the clocks before a task for subscribers reads the time: the database's."""
    state, own, reading = _read_all()
    _judge_reading(state, own, reading)
    return reading.wall


def _expect_time(own: MachineClock, reading: Reading) -> datetime:
    """The service's time as the machine's time up has it."""
    return own.read_at + (reading.up_for - own.up_for)


@transaction.atomic
def _compare_clocks() -> datetime:
    """Find out, for one process at a time, whether the clock was set; the service's time."""
    state = _lock_state()
    reading = CLOCKS.read()  # not that of before: we may have waited for the lock
    now = reading.wall - state.ahead_by
    expected = _judge_time(now, reading)
    if abs(now - expected) > LARGEST_FOLLOWED:
        now = _note_step(state, now - expected, expected)
    fields = {"read_at": now, "up_for": reading.up_for}
    MachineClock.objects.update_or_create(boot_id=reading.boot_id, defaults=fields)
    MachineClock.objects.filter(read_at__lt=now - FORGOTTEN_AFTER).delete()
    return now


def _judge_time(now: datetime, reading: Reading) -> datetime:
    """What the service's time should be: `now` where nothing speaks against it.

    What other machines have read is a bound: the time never is before that. So a machine whose
    time up stood still, as in a paused virtual one, does not judge the clock where others went on.
    """
    last: datetime = MachineClock.objects.aggregate(at=Max("read_at"))["at"] or now
    own = MachineClock.objects.filter(boot_id=reading.boot_id).first()
    if own and (expected := _expect_time(own, reading)) >= last - LARGEST_FOLLOWED:
        return expected
    return last if now < last - LARGEST_FOLLOWED else now


def _lock_state() -> ServiceClock:
    ServiceClock.objects.get_or_create(pk=1)
    return ServiceClock.objects.select_for_update().get(pk=1)


def _note_step(state: ServiceClock, step: timedelta, now: datetime) -> datetime:
    """Write down that the clock was set by `step`; the service's time, which goes on from `now`."""
    wall = now + state.ahead_by + step
    state.ahead_by += step
    state.set_at, state.is_accepted = now, False
    if abs(state.ahead_by) <= LARGEST_FOLLOWED:
        state.ahead_by, state.set_at = timedelta(), None
        logger.warning("The clock was put right again, by %s.", describe_step(step))
    else:
        logger.critical(
            "The clock was set %s: it shows %s UTC where it should be %s. The service goes on by "
            "its own time, and takes the new one over when that has stood for %d minutes.",
            *(describe_step(step), f"{wall:%Y-%m-%d %H:%M}", f"{now:%Y-%m-%d %H:%M}"),
            STANDS_FOR.total_seconds() // 60,
        )
    state.save()
    move_requests(step, wall)
    own_time: datetime = wall - state.ahead_by
    return own_time


@transaction.atomic
def _take_time_over() -> datetime | None:
    """Take over what the clock shows, and move along all that waits; the new time.

    None where it is not to be: another process did it, or a worker is in the middle of its calls.
    """
    state = _lock_state()
    now = CLOCKS.read_wall() - state.ahead_by
    has_stood = state.set_at and (state.is_accepted or now - state.set_at >= STANDS_FOR)
    if not has_stood or Delivery.objects.filter(status=Delivery.Status.CLAIMED).exists():
        return None
    step = state.ahead_by
    move_waiting_moments(step)
    MachineClock.objects.update(read_at=F("read_at") + step)
    state.ahead_by, state.set_at, state.is_accepted = timedelta(), None, False
    state.changes += 1
    state.save()
    logger.warning("The clock's new time was taken over: it was set %s.", describe_step(step))
    return now + step


def describe_step(step: timedelta) -> str:
    """Such as "forward by 1 day" or "back by 2 h 5 min"; to the second below an hour."""
    hours, seconds = divmod(round(abs(step).total_seconds()), 3600)
    days, hours = divmod(hours, 24)
    minutes, seconds = divmod(seconds, 60)
    shows_seconds = seconds and not (days or hours)
    said = [
        ngettext("%(days)s day", "%(days)s days", days) % {"days": days} if days else "",
        ngettext("%(hours)s h", "%(hours)s h", hours) % {"hours": hours} if hours else "",
        ngettext("%(minutes)s min", "%(minutes)s min", minutes) % {"minutes": minutes}
        if minutes
        else "",
        _("%(seconds)s s") % {"seconds": seconds} if shows_seconds else "",
    ]
    words = _("forward by %(span)s") if step > timedelta() else _("back by %(span)s")
    return words % {"span": " ".join(filter(None, said))}
