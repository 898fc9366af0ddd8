"""What is said of a source ages: nobody has asked it, so nobody knows how it is.

What the last poll came to stands in the source's row for as long as nobody asks again. Here it is
said with its time, and as what it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db.models import F, Max
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from digest.models import Source, SourceDay

LATE = timedelta(hours=1)  # sources that are due are asked within a minute
LONGEST_WAIT = timedelta(hours=25)  # of a source without a date for the next poll


def is_silent(source: Source, now: datetime) -> bool:
    """Whether nobody has asked an active source though it was due over an hour ago.

    One that was never asked is new, and silent only where it has a date to be asked at.
    """
    if not source.is_active:
        return False
    asked_at = find_last_poll(source)
    due_at = source.next_fetch_at or (asked_at and asked_at + LONGEST_WAIT)
    return due_at is not None and due_at < now - LATE


def find_last_poll(source: Source) -> datetime | None:
    """When it was asked last; of rows from before that was noted, when it was last read."""
    return source.last_asked_at or source.last_fetched_at


def are_all_silent(now: datetime) -> bool:
    """Whether there are active sources, and nobody asks any of them."""
    active = list(Source.objects.filter(is_active=True))
    return bool(active) and all(is_silent(source, now) for source in active)


def describe_source(source: Source, now: datetime) -> str:
    """What the last poll came to with its time, or that nobody asks any more."""
    asked_at, said = find_last_poll(source), source.note or source.get_state_display()
    moment = write_moment(asked_at) if asked_at else ""
    if not is_silent(source, now):
        said = source.note or said.capitalize()
        if not (moment and source.is_active):
            return said
        return _("%(said)s (asked %(asked_at)s)") % {"said": said, "asked_at": moment}
    if not moment:
        return _("Nobody has asked it yet, though it was due: do beat and a worker run?")
    return _(
        "Nobody has asked it since %(asked_at)s, though it was due: do beat and a worker run? "
        "Then: %(said)s"
    ) % {"asked_at": moment, "said": said}


def find_last_read() -> datetime | None:
    """When any source last answered with something that could be read."""
    found: datetime | None = Source.objects.aggregate(at=Max("last_fetched_at"))["at"]
    return found


def was_read_within(first: date, last: date) -> bool:
    """Whether any source could be read on one of these days."""
    return SourceDay.objects.filter(date__gte=first, date__lte=last, read__gt=0).exists()


def find_first_noted_day() -> date | None:
    """The first day of which it is known whether sources were asked."""
    return SourceDay.objects.order_by("date").values_list("date", flat=True).first()


def note_poll(source: Source, now: datetime, *, was_read: bool) -> None:
    """Count one more poll of the day."""
    day = now.astimezone(UTC).date()
    own = SourceDay.objects.filter(source=source, date=day)
    counts = {"asked": F("asked") + 1, "read": F("read") + int(was_read)}
    if not own.update(**counts):
        first = SourceDay(source=source, date=day, asked=1, read=int(was_read))
        # Where another process wrote the first one in this moment, that one stands.
        SourceDay.objects.bulk_create([first], ignore_conflicts=True)


def write_moment(moment: datetime) -> str:
    """A moment as pages and alarms say it: 22 April 2026, 08:00 UTC."""
    at = moment.astimezone(UTC)
    return _("%(day)s %(at)s UTC") % {"day": at.day, "at": date_format(at, "F Y, H:i")}


def list_silent(sources: Iterable[Source], now: datetime) -> list[Source]:
    return [source for source in sources if is_silent(source, now)]
