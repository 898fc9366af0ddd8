"""Rows of what providers report: each report once, however often and by how many it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anymail.signals import EventType
from django.db import IntegrityError, transaction
from django.dispatch import Signal

from digest.models import Delivery, ProviderEvent
from digest.track.find_mail import Mail
from digest.track.report import Report, hash_mailbox

# Sent with the `event` for which a mailbox is mailed no more.
mailbox_suppressed = Signal()
KEPT_FOR = timedelta(days=30)
WAITS_FOR = timedelta(hours=1)  # no call is under way for longer
LOOKED_UP_AT_ONCE = 1000
MOST_WAITING = 20_000  # more than any call's mails, and their reports
# Of these nothing is written down, but that the mail did go out: promise 7 for the first two.
UNKEPT = {
    EventType.OPENED,
    EventType.CLICKED,
    EventType.AUTORESPONDED,
    EventType.SUBSCRIBED,
    EventType.QUEUED,
    EventType.SENT,
    EventType.UNKNOWN,
}
PRUNED_AT_ONCE = 10_000  # a minute: as many as a million readers a day bring, and more


def record_event(report: Report, mail: Mail | None, now: datetime) -> ProviderEvent | None:
    """Write the report down; None where it was before. Without a `mail` it waits for one.

    Of somebody deleted neither address nor domain is written down, nor what the provider said.
    """
    row = ProviderEvent(
        provider=report.provider[:32],
        event_id=report.event_id,
        kind=report.kind,
        verdict=report.verdict,
        happened_at=report.happened_at,
        received_at=now,
        has_key=report.key is not None,
    )
    if mail is None:
        row.effect = ProviderEvent.Effect.WAITING
    if mail is None or mail.delivery:
        row.said, row.message_id = report.said, report.message_id
        row.mailbox = hash_mailbox(report.address)
    if mail and mail.delivery:
        _set_mail(row, mail)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another process has just written it, or one did a week ago
        names = ("provider", "event_id", "mailbox")
        if ProviderEvent.objects.filter(**{name: getattr(row, name) for name in names}).exists():
            return None
        raise
    return row


def select_fresh(reports: Sequence[Report]) -> list[Report]:
    """Those that were not written down yet, and of which something would be.

    What only says that a mail went out is left out: it would look fresh for ever.
    """
    kept = [report for report in reports if report.kind not in UNKEPT]
    known: set[tuple[str, str, str]] = set()
    for first in range(0, len(kept), LOOKED_UP_AT_ONCE):
        ids = [report.event_id for report in kept[first : first + LOOKED_UP_AT_ONCE]]
        rows = ProviderEvent.objects.filter(event_id__in=ids)
        known.update(rows.values_list("provider", "event_id", "mailbox"))
    return [
        report
        for report in kept
        if not {
            (report.provider[:32], report.event_id, mailbox)
            for mailbox in (hash_mailbox(report.address), "")
        }
        & known
    ]


def is_room_for_waiting() -> bool:
    """Whether one more report may wait for its mail: most of what fits none never will."""
    return ProviderEvent.objects.waiting()[:MOST_WAITING].count() < MOST_WAITING


def _set_mail(row: ProviderEvent, mail: Mail) -> None:
    assert mail.delivery
    row.delivery, row.subscriber = mail.delivery, mail.delivery.subscriber
    row.domain = mail.address.rpartition("@")[2]


def attach_mail(row: ProviderEvent, mail: Mail) -> bool:
    """Give a waiting row its mail, found meanwhile; False where another process did."""
    _set_mail(row, mail)
    found = ProviderEvent.objects.waiting().filter(pk=row.pk)
    values = {"delivery": row.delivery, "subscriber": row.subscriber, "domain": row.domain}
    row.effect = ProviderEvent.Effect.NOTED
    return bool(found.update(effect=row.effect, **values))


def set_effect(row: ProviderEvent, effect: ProviderEvent.Effect) -> None:
    """Write down what the report changed."""
    row.effect = effect
    ProviderEvent.objects.filter(pk=row.pk).update(effect=effect)
    if effect == ProviderEvent.Effect.SUPPRESSED:
        mailbox_suppressed.send(ProviderEvent, event=row)


def find_answered(row: ProviderEvent) -> Mail | None:
    """The mail that a waiting row is about, once its delivery has learnt the provider's id."""
    bare = row.message_id.strip("<>")
    rows = Delivery.objects.filter(message_id__in=[bare, f"<{bare}>"]).select_related("subscriber")
    for delivery in rows if bare else []:
        address = delivery.subscriber.email
        if hash_mailbox(address) == row.mailbox:
            return Mail(address, delivery.claimed_at, delivery, delivery.subscriber)
    return None


def forget_unfitting(waiting: Sequence[ProviderEvent], now: datetime) -> None:
    """Delete what fitted no mail within the hour; `waiting` are the rows that waited till now."""
    until = now - WAITS_FOR
    if any(row.received_at < until for row in waiting):
        ProviderEvent.objects.waiting().filter(received_at__lt=until).delete()


def prune_events(now: datetime) -> bool:
    """Delete what is older than 30 days; whether that is all, and not only PRUNED_AT_ONCE rows."""
    old = ProviderEvent.objects.filter(received_at__lt=now - KEPT_FOR).order_by("received_at")
    ids = list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    ProviderEvent.objects.filter(pk__in=ids).delete()
    return len(ids) < PRUNED_AT_ONCE
