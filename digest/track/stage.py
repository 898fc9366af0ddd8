"""Stage 7. Write down what the provider reports, and stop mailing addresses that refuse us.

A report counts only when its address fits a mail of ours, and with it the provider's message id or
our own key. Each counts once, in whatever order they come.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from digest.models import Delivery, ProviderEvent, Verdict
from digest.track.domain_pauses import forget_pauses
from digest.track.event_rows import (
    UNKEPT,
    attach_mail,
    find_answered,
    forget_unfitting,
    is_room_for_waiting,
    prune_events,
    record_event,
)
from digest.track.find_mail import Mail, find_mail, find_under_lock
from digest.track.report import Report, read_report
from digest.track.suppress import apply_verdict
from digest.track.traces import forget_traces
from digest.watch import clock
from subscribers.forgiving_cache import delete_value, is_new_hour

Status = Delivery.Status
logger = logging.getLogger(__name__)
PRUNED = "digest.events_pruned"  # in the cache

DATE_FIELDS = {
    Verdict.ARRIVED: "delivered_at",
    Verdict.HARD: "bounced_at",
    Verdict.SOFT: "bounced_at",
    Verdict.BLOCKED: "bounced_at",
    Verdict.OURS: "bounced_at",
    Verdict.COMPLAINT: "complained_at",
    Verdict.LEFT: "unsubscribed_at",
}


def on_tracking_event(
    sender: Any,  # noqa: ARG001
    event: AnymailTrackingEvent,
    esp_name: str = "",
    **_: Any,
) -> None:
    """Receive one event from anymail's webhook views."""
    track_event(event, clock.read_now(), esp_name)


@transaction.atomic
def track_event(event: AnymailTrackingEvent, now: datetime, provider: str = "") -> bool:
    """Note one event; False where it fits no mail. Safe to run twice: each counts once.

    `provider` is anymail's name. Raises OddReport, a ValueError, for what is no event at all.
    """
    report = read_report(event, provider, now)
    mail = find_under_lock(lambda: find_mail(report))
    if mail is None:
        logger.warning("A report (%s) fits no delivery; nothing was changed.", report.kind)
        if _is_kept(report) and _is_call_under_way() and is_room_for_waiting():
            record_event(report, None, now)
        return False
    if mail.delivery:
        _settle_status(mail.delivery, report)
    if not _is_kept(report):
        return True
    if row := record_event(report, mail, now):
        _act(row, mail, now)
    return True


def sweep_events(now: datetime) -> None:
    """Take up the reports that came before their mail was known, and delete what is old."""
    waiting = list(ProviderEvent.objects.waiting().order_by("pk"))
    for row in waiting:
        with transaction.atomic():
            mail = find_under_lock(partial(find_answered, row))
            if mail and attach_mail(row, mail):
                _act(row, mail, now)
    forget_unfitting(waiting, now)
    if is_new_hour(PRUNED, now):
        forget_traces(now)
        forget_pauses(now)
        if not prune_events(now):
            delete_value(PRUNED)  # a million readers bring more than is deleted at once


def _is_kept(report: Report) -> bool:
    return report.kind not in UNKEPT


def _is_call_under_way() -> bool:
    """Whether a provider may know of a mail by an id that we have not written down yet."""
    return Delivery.objects.filter(status=Status.CLAIMED, maybe_sent_at__isnull=False).exists()


def _act(row: ProviderEvent, mail: Mail, now: datetime) -> None:
    field = DATE_FIELDS.get(Verdict(row.verdict))
    # What is only put off is no bounce yet.
    if field and mail.delivery and row.kind != EventType.DEFERRED:
        _set_earliest(mail.delivery, field, row.happened_at)
    apply_verdict(row, mail, now)


def _settle_status(delivery: Delivery, report: Report) -> None:
    """A report on a delivery whose call got no answer, or none yet, shows that it went out."""
    in_doubt = Q(status=Status.IN_DOUBT)
    begun = Q(status__in=[Status.CLAIMED, Status.PLANNED], maybe_sent_at__isnull=False)
    # Planned anew because the provider denied it, or expired since: the report proves otherwise.
    denied = Q(status__in=[Status.PLANNED, Status.EXPIRED], attempts__gt=0)
    denied |= Q(status__in=[Status.CLAIMED, Status.FAILED], attempts__gt=1)
    Delivery.objects.filter(in_doubt | begun | denied, pk=delivery.pk).update(
        status=Status.SENT,
        sent_at=Coalesce("maybe_sent_at", "claimed_at", Value(report.happened_at)),
        message_id=report.message_id,
        retry_at=None,
        error="",
    )


def _set_earliest(delivery: Delivery, name: str, moment: datetime) -> None:
    """Set once, to the first of what is reported, in whatever order the reports come."""
    later = Q(**{name: None}) | Q(**{f"{name}__gt": moment})
    Delivery.objects.filter(later, pk=delivery.pk).update(**{name: moment})
