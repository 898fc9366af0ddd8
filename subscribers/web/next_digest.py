"""Says when a subscriber's next digest comes, for every page that speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.models import Subscriber

LATE = timedelta(hours=2)  # what is due is composed within a minute; a large edition takes longer
_NOTHING = {
    Subscriber.Status.PENDING: gettext_lazy(
        "The address is not confirmed yet, so nothing is sent."
    ),
    Subscriber.Status.UNSUBSCRIBED: gettext_lazy("You are unsubscribed, so nothing is sent."),
}
_NOT_MAILABLE = gettext_lazy(
    "Nothing can be sent to this address: it turned our mail away, or asked for none. "
    "Sign up with another one."
)


@dataclass(frozen=True)
class NextDigest:
    """Whether one comes, and a sentence that says when, in the subscriber's zone, or why not."""

    is_mail: bool
    sentence: str
    is_late: bool = False  # it should have left by now

    def __str__(self) -> str:
        return self.sentence


def foresee_next_digest(subscriber: Subscriber, now: datetime) -> NextDigest:
    """What comes next; only for the owner's pages, as it says whether the address is suppressed."""
    if subscriber.status in _NOTHING:
        return NextDigest(False, str(_NOTHING[Subscriber.Status(subscriber.status)]))
    if not Subscriber.objects.mailable().filter(pk=subscriber.pk).exists():
        return NextDigest(False, str(_NOT_MAILABLE))
    is_late = find_late_digest(subscriber, now) is not None
    return NextDigest(True, _say_when(subscriber, now), is_late)


def describe_standing_now(subscriber: Subscriber, now: datetime) -> str:
    """When the next digest of an active subscriber is due, for operators; "" for all others."""
    return _say_when(subscriber, now) if subscriber.is_active else ""


def _say_when(subscriber: Subscriber, now: datetime) -> str:
    zone, pause = ZoneInfo(subscriber.timezone), subscriber.paused_until
    if pause and pause > now:
        slot = subscriber.find_next_slot(pause - timedelta(microseconds=1))
        first = max(slot, subscriber.next_digest_at or slot)
        until = _name_day(pause.astimezone(zone), now)
        return _("It is paused until %(until)s; the next one is due on %(first)s.") % {
            "until": until,
            "first": _name_hour(first, zone, now),
        }
    if late_since := find_late_digest(subscriber, now):
        return _("The next one was due on %(due_at)s, and has not left yet.") % {
            "due_at": _name_hour(late_since, zone, now)
        }
    due_at = subscriber.next_digest_at
    if due_at is None or due_at <= now:
        return _("The next one is due now: it leaves within minutes if anything is in the topics.")
    return _("The next one is due on %(due_at)s.") % {"due_at": _name_hour(due_at, zone, now)}


def find_late_digest(subscriber: Subscriber, now: datetime) -> datetime | None:
    """Since when an active subscriber's digest is due that should have left by now; else None.

    A first digest is due when the address is confirmed, and each again when a pause ends.
    """
    due_at = subscriber.next_digest_at or subscriber.confirmed_at
    if not (subscriber.is_active and due_at):
        return None
    since = max(due_at, subscriber.paused_until or due_at)
    return since if since < now - LATE else None


def _name_hour(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    local = moment.astimezone(zone)
    return _("%(day)s at %(hour)s") % {
        "day": _name_day(local, now),
        "hour": f"{local:%H:%M}",
    }


def _name_day(local: datetime, now: datetime) -> str:
    """Monday 4 May; with its year where that is not this one."""
    is_this_year = local.year == now.astimezone(local.tzinfo).year
    return dateformat.format(local, "l j F" if is_this_year else "l j F Y")
