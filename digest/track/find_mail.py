"""Which mail of ours a report is about, if any."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from digest.models import Delivery
from digest.track.report import Report
from digest.track.traces import find_trace
from subscribers.models import Subscriber


@dataclass(frozen=True)
class Mail:
    """A mail of ours and the address it went to."""

    address: str
    mailed_at: datetime | None
    delivery: Delivery | None  # None where the subscriber was deleted
    subscriber: Subscriber | None  # whose digests go to that address now

    @property
    def goes_to_subscriber(self) -> bool:
        """Whether the digests still go where this mail went."""
        return self.delivery is not None and self.delivery.subscriber.email == self.address


def find_under_lock(find: Callable[[], Mail | None]) -> Mail | None:
    """What `find` finds, with its subscribers locked till the end of the transaction.

    So a deletion, a move or a new wish of theirs is seen, or waits. Whoever else locks subscribers
    and their deliveries does it in this order too.
    """
    locked: set[int] = set()
    while True:
        mail = find()
        subscribers = [mail.delivery and mail.delivery.subscriber, mail.subscriber] if mail else []
        wanted = {subscriber.pk for subscriber in subscribers if subscriber} - locked
        if not wanted:
            return mail
        lock_subscribers(wanted)
        locked |= wanted


def lock_subscribers(ids: Collection[int]) -> None:
    """Until the transaction ends; in the order of their ids, so that no two wait in a circle."""
    rows = Subscriber.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    list(rows.values_list("pk"))


def find_mail(report: Report) -> Mail | None:
    """None unless the address fits, and with it the provider's message id or our own key.

    A delivery may have gone out under more ids than the one we know: where a call got no answer and
    it was mailed again, or where an operator had it sent once more.
    """
    rows = _list_deliveries(report)
    for row in rows:
        if row.subscriber.email == report.address:
            return Mail(report.address, _read_moment(row, report), row, row.subscriber)
    trace = find_trace(report)
    if trace is None:
        return None
    subscriber = Subscriber.objects.filter(email=report.address).first()
    return Mail(report.address, trace.mailed_at, rows[0] if rows else None, subscriber)


def _list_deliveries(report: Report) -> list[Delivery]:
    identity = Q(pk__in=[])
    if report.message_ids:
        identity |= Q(message_id__in=report.message_ids)
    if report.key:
        identity |= Q(key=report.key)
    rows = Delivery.objects.filter(identity).select_related("subscriber").order_by("pk")
    # An id that fits tells more than a key: two of them are of two deliveries.
    return sorted(rows, key=lambda row: row.message_id not in report.message_ids)


def _read_moment(row: Delivery, report: Report) -> datetime | None:
    """When the mail was handed over that is reported, which may be another than the last one."""
    mailed_at = read_mailed_at(row)
    is_another = row.message_id and row.message_id not in report.message_ids
    return min(mailed_at, report.happened_at) if mailed_at and is_another else mailed_at


def read_mailed_at(delivery: Delivery) -> datetime | None:
    """By our clock, when it was handed over or began to be."""
    return delivery.claimed_at or delivery.sent_at or delivery.maybe_sent_at
