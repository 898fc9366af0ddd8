"""What a reader is told about their next digest, wherever a page speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import dateformat

from subscribers.models import Subscriber

_NOTHING = {
    Subscriber.Status.PENDING: "The address is not confirmed yet, so nothing is sent.",
    Subscriber.Status.UNSUBSCRIBED: "You are unsubscribed, so nothing is sent.",
}
_NOT_MAILABLE = (
    "Nothing can be sent to this address: it turned our mail away, or asked for none. "
    "Sign up with another one."
)


@dataclass(frozen=True)
class Coming:
    """Whether mail comes, and a sentence that says when, in the reader's zone, or why not."""

    is_mail: bool
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def what_comes(subscriber: Subscriber, now: datetime) -> Coming:
    """What happens next; for the owner's eyes only, as it tells whether we may mail the address."""
    if subscriber.status in _NOTHING:
        return Coming(False, _NOTHING[Subscriber.Status(subscriber.status)])
    if not Subscriber.objects.mailable().filter(pk=subscriber.pk).exists():
        return Coming(False, _NOT_MAILABLE)
    return Coming(True, _when(subscriber, now))


def _when(subscriber: Subscriber, now: datetime) -> str:
    zone, pause = ZoneInfo(subscriber.timezone), subscriber.paused_until
    if pause and pause > now:
        slot = subscriber.find_next_slot(pause - timedelta(microseconds=1))
        first = max(slot, subscriber.next_digest_at or slot)
        until = _day(pause.astimezone(zone), now)
        return f"It is paused until {until}; the next one is due on {_hour(first, zone, now)}."
    due_at = subscriber.next_digest_at
    if due_at is None or due_at <= now:
        return "The next one leaves within minutes."
    return f"The next one is due on {_hour(due_at, zone, now)}."


def _hour(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    local = moment.astimezone(zone)
    return f"{_day(local, now)} at {local:%H:%M}"


def _day(local: datetime, now: datetime) -> str:
    """A day of another year is told with its year."""
    is_this_year = local.year == now.astimezone(local.tzinfo).year
    return dateformat.format(local, "l j F" if is_this_year else "l j F Y")
