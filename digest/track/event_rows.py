"""Rows of what providers report: each report once, however often and by how many it comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from digest.models import Delivery, ProviderEvent
from digest.track.find_mail import Mail
from digest.track.report import Report, hash_mailbox

KEPT_FOR = timedelta(days=30)
WAITS_FOR = timedelta(hours=1)  # no call is under way for longer
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
        return None
    return row


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
    row.effect = effect
    ProviderEvent.objects.filter(pk=row.pk).update(effect=effect)


def find_answered(row: ProviderEvent) -> Mail | None:
    """The mail that a waiting row is about, once its delivery has learnt the provider's id."""
    bare = row.message_id.strip("<>")
    rows = Delivery.objects.filter(message_id__in=[bare, f"<{bare}>"]).select_related("subscriber")
    for delivery in rows if bare else []:
        address = delivery.subscriber.email
        if hash_mailbox(address) == row.mailbox:
            return Mail(address, delivery.claimed_at, delivery, delivery.subscriber)
    return None


def prune_events(now: datetime) -> int:
    """Delete what is older than 30 days, and what fitted no mail within the hour."""
    ProviderEvent.objects.waiting().filter(received_at__lt=now - WAITS_FOR).delete()
    old = ProviderEvent.objects.filter(received_at__lt=now - KEPT_FOR).order_by("received_at")
    ids = list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    return ProviderEvent.objects.filter(pk__in=ids).delete()[0]
