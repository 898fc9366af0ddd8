"""When a subscriber's digests are due: their own days, at their own hour, in their own zone.

A slot is the moment at which a calendar day's digest is due. Every calendar day that a zone has
(Samoa had no 30 December 2011) has exactly one slot, whatever the clocks do:

- an hour that the clocks skip moves to the first moment after the gap;
- an hour that comes twice counts the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Q

# Monday is 0.
DAYS_OF_CADENCE = {"daily": range(7), "weekdays": range(5), "weekly": range(1)}
# Far enough for a Monday, a day that a zone left out, and a slot that fell to the next day.
_REACH_DAYS = 16
# No digest is farther off than a week: a later date was written by a clock that went wrong.
FARTHEST_DIGEST = timedelta(days=8)


def find_next_slot(cadence: str, timezone: str, send_hour: int, after: datetime) -> datetime:
    """The first slot strictly after `after`, in UTC.

    `after` is aware; `timezone` is an IANA name. Raises KeyError for an unknown cadence and
    ZoneInfoNotFoundError (a KeyError too) for an unknown zone.
    """
    local_day = after.astimezone(ZoneInfo(timezone)).date()
    # The slot of the day before can still lie ahead, when the clocks skip the hours to midnight.
    days = (local_day + timedelta(days=n) for n in range(-1, _REACH_DAYS))
    return next(slot for slot in _list_slots(cadence, timezone, send_hour, days) if slot > after)


def find_last_slot(cadence: str, timezone: str, send_hour: int, now: datetime) -> datetime:
    """The latest slot at or before `now`, in UTC; errors as in `next_digest_time`."""
    local_day = now.astimezone(ZoneInfo(timezone)).date()
    # Clocks set back over midnight return to a day whose successor already had its first moment.
    days = (local_day - timedelta(days=n) for n in range(-1, _REACH_DAYS))
    return next(slot for slot in _list_slots(cadence, timezone, send_hour, days) if slot <= now)


def _list_slots(
    cadence: str, timezone: str, send_hour: int, days: Iterator[date]
) -> Iterator[datetime]:
    """The slots of those days on which the cadence sends and which the zone has."""
    weekdays = DAYS_OF_CADENCE[cadence]
    for day in days:
        if day.weekday() in weekdays and _has_day(timezone, day):
            yield _find_first_moment(timezone, day, send_hour)


def _has_day(timezone: str, day: date) -> bool:
    return _find_first_moment(timezone, day, 0) < _find_first_moment(
        timezone, day + timedelta(days=1), 0
    )


# A million subscribers share a few thousand of these.
@lru_cache(maxsize=50_000)
def _find_first_moment(timezone: str, day: date, hour: int) -> datetime:
    """The first moment, in UTC, at which the zone's clocks show this hour or are past it."""
    zone = ZoneInfo(timezone)
    wall = datetime.combine(day, time(hour), tzinfo=zone)  # fold=0: the first of two
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    # The clocks skip this hour. Its two readings enclose the moment at which they do.
    before, offset = wall.replace(fold=1).astimezone(UTC), wall.utcoffset()
    while moment - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((moment - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            moment = middle
    return moment


def list_due_ranges(now: datetime) -> list[Q]:
    """Who is due at `now`, as ranges of `next_digest_at`: each is one of the index over it."""
    return [
        Q(next_digest_at=None),
        Q(next_digest_at__lte=now),
        Q(next_digest_at__gt=now + FARTHEST_DIGEST),
    ]
