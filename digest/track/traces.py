"""What is remembered of mails to an address that its subscriber has left.

A complaint can come weeks after the mail, when its subscriber has moved or was deleted. It still
stops all mail to that mailbox, so for 30 days a keyed hash stays of each mail that went there. It
tells that a report is about a mail of ours; who was written to, nobody can read from it
(docs/door.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models.functions import Coalesce
from django.utils import timezone

from digest.models import Delivery, MailTrace
from digest.track.report import Report, hash_mail
from subscribers.models import Subscriber

KEPT_FOR = timedelta(days=30)


def on_deletion(subscribers: Sequence[Subscriber], **_: Any) -> None:
    """No way of deleting a subscriber goes past it."""
    left = {one.pk: one.email for one in subscribers}
    # Django deletes what hangs on a row first: a report that comes now must not hold the row and
    # wait for that, nor write something more that hangs on it.
    rows = Subscriber.objects.select_for_update().filter(pk__in=left).order_by("pk")
    list(rows.values_list("pk"))
    keep_traces(left, timezone.now())


def on_address_left(sender: Any, subscriber_id: int, email: str, **_: Any) -> None:  # noqa: ARG001
    """The digests move elsewhere: subscribers/account/address.py."""
    keep_traces({subscriber_id: email}, timezone.now())


def on_subscriber_saved(sender: Any, instance: Subscriber, **kwargs: Any) -> None:  # noqa: ARG001
    """Django's pre_save: staff may write another address into a subscriber's row."""
    if instance.pk is None or "email" not in (kwargs.get("update_fields") or ["email"]):
        return
    rows = Subscriber.objects.filter(pk=instance.pk).exclude(email=instance.email)
    for before in rows.values_list("email", flat=True):
        keep_traces({instance.pk: before}, timezone.now())


def keep_traces(left: Mapping[int, str], now: datetime) -> None:
    """Remember the mails of the last 30 days that went, or may have gone, to these addresses.

    They are by the numbers of the subscribers who leave them.
    """
    rows = Delivery.objects.filter(subscriber_id__in=left)
    mailed_at = Coalesce("claimed_at", "sent_at", "maybe_sent_at")
    mails = rows.annotate(at=mailed_at).filter(at__gt=now - KEPT_FOR)
    traces = [
        MailTrace(fingerprint=hash_mail(name, left[number]), mailed_at=at, left_at=now)
        for number, message_id, key, at in mails.values_list(
            "subscriber_id", "message_id", "key", "at"
        )
        # By our key too: it may have gone out under an id that we do not know.
        for name in filter(None, (message_id, str(key)))
    ]
    MailTrace.objects.bulk_create(traces, ignore_conflicts=True)


def find_trace(report: Report) -> MailTrace | None:
    """That of the mail the report is about, if it went to the address that the report names."""
    if not report.address:
        return None
    names = [report.message_id, str(report.key or "")]
    hashes = [hash_mail(name, report.address) for name in names if name]
    return MailTrace.objects.filter(fingerprint__in=hashes).first()


def forget_traces(now: datetime) -> None:
    """Delete those of addresses left more than 30 days ago."""
    MailTrace.objects.filter(left_at__lt=now - KEPT_FOR).delete()
