"""Stage 7. Note what the provider reports, and stop mailing addresses that refuse us.

An event counts only when its recipient matches a delivery, and with it the provider's message id
or, where we never learnt that one, our own key.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from digest.models import Delivery
from subscribers.models import Suppression

logger = logging.getLogger(__name__)

DATE_FIELDS = {
    EventType.DELIVERED: "delivered_at",
    EventType.BOUNCED: "bounced_at",
    EventType.REJECTED: "bounced_at",  # the provider knows the address as bad and did not try
    EventType.COMPLAINED: "complained_at",
    EventType.UNSUBSCRIBED: "unsubscribed_at",
}
# anymail says "bounced" for soft bounces too; the provider's own word tells (its documentation).
SOFT_WORDS = {
    "SoftBounce",  # Postmark: Type
    "Transient",  # Amazon SES and Resend: bounceType, type
    "soft_bounce",  # Brevo: event
    "temporary",  # Mailgun: severity
}
SOFT_KEYS = ("Type", "bounceType", "type", "event", "severity")


def on_tracking_event(sender: Any, event: AnymailTrackingEvent, **kwargs: Any) -> None:  # noqa: ARG001
    """Receive one event from anymail's webhook views."""
    track_event(event, timezone.now())


@transaction.atomic
def track_event(event: AnymailTrackingEvent, now: datetime) -> bool:
    """Note one event; False where it fits no delivery. Safe to run twice: dates are set once."""
    delivery = _find(event)
    if delivery is None:
        logger.warning("A report (%s) fits no delivery; nothing was changed.", event.event_type)
        return False
    _settle(delivery, event, now)
    if event.event_type not in DATE_FIELDS:
        return True
    _set_once(delivery, DATE_FIELDS[event.event_type], event.timestamp or now)
    if event.event_type == EventType.COMPLAINED:
        _suppress(delivery, Suppression.Reason.COMPLAINT)
    elif event.event_type in (EventType.BOUNCED, EventType.REJECTED) and is_hard(event):
        _suppress(delivery, Suppression.Reason.BOUNCE)
    elif event.event_type == EventType.UNSUBSCRIBED:
        delivery.subscriber.unsubscribe(now)
    return True


def is_hard(event: AnymailTrackingEvent) -> bool:
    """Whether the address itself is refused, and not only this attempt."""
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    nested = [value for value in raw.values() if isinstance(value, dict)]
    nested += [
        value for level in list(nested) for value in level.values() if isinstance(value, dict)
    ]
    words = {str(level.get(key)) for level in [raw, *nested] for key in SOFT_KEYS}
    return not words & SOFT_WORDS


def _find(event: AnymailTrackingEvent) -> Delivery | None:
    """The delivery this event is about; None unless the recipient and one of the ids match."""
    identity = Q(message_id=event.message_id) if event.message_id else Q(pk__in=[])
    if key := _key(event):
        identity |= Q(key=key, message_id="")
    recipient = (event.recipient or "").lower()
    rows = Delivery.objects.filter(identity, subscriber__email=recipient)
    return rows.select_related("subscriber").first()


def _key(event: AnymailTrackingEvent) -> UUID | None:
    try:
        return UUID(str((event.metadata or {}).get("delivery")))
    except ValueError:
        return None


def _settle(delivery: Delivery, event: AnymailTrackingEvent, now: datetime) -> None:
    """A report on a delivery in doubt shows that it went out."""
    rows = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.IN_DOUBT)
    rows.update(
        status=Delivery.Status.SENT,
        sent_at=event.timestamp or now,
        message_id=(event.message_id or "")[:255],
        error="",
    )


def _set_once(delivery: Delivery, name: str, moment: datetime) -> None:
    Delivery.objects.filter(pk=delivery.pk, **{name: None}).update(**{name: moment})


def _suppress(delivery: Delivery, reason: Suppression.Reason) -> None:
    Suppression.objects.get_or_create(email=delivery.subscriber.email, defaults={"reason": reason})
