"""Stage 7. Note what the provider reports, and stop mailing addresses that refuse us.

An event counts only when its recipient matches a delivery, and with it the provider's message id
or, where we never learnt that one, our own key.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from digest.models import Delivery
from subscribers.models import Suppression

Status = Delivery.Status
logger = logging.getLogger(__name__)

DATE_FIELDS = {
    EventType.DELIVERED: "delivered_at",
    EventType.BOUNCED: "bounced_at",
    EventType.REJECTED: "bounced_at",  # the provider did not even try
    EventType.COMPLAINED: "complained_at",
    EventType.UNSUBSCRIBED: "unsubscribed_at",
}
# Only what is said against the address itself suppresses it. A full mailbox, a spam filter or our
# own domain's policy is "bounced" or "rejected" too, and says nothing against the subscriber.
# Resend alone reports what it holds back itself as bounced and blocked: the address bounced before
# (https://resend.com/docs/webhooks/emails/bounced).
HARD_REASONS = {
    EventType.BOUNCED: {RejectReason.BOUNCED, RejectReason.INVALID, RejectReason.BLOCKED, None},
    EventType.REJECTED: {RejectReason.BOUNCED, RejectReason.INVALID},
}
# anymail says "bounced" for soft bounces too; the provider's own word tells.
SOFT_WORDS = {
    "SoftBounce",  # Postmark: Type, https://postmarkapp.com/developer/api/bounce-api#bounce-types
    # Amazon SES: bounceType, https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
    # Resend: bounce.type, the same words.
    "Transient",
    "Undetermined",
    "soft_bounce",  # Brevo: event, https://developers.brevo.com/docs/transactional-webhooks
    "soft",  # Mailgun: bounce-type
    "temporary",  # Mailgun: severity, https://github.com/anymail/django-anymail/issues/130
}
# What the provider will never send to again: it bounced or complained before.
HARD_WORDS = {
    "ManuallyDeactivated",  # Postmark: Type
    "blocked",  # Brevo: event
    "suppress-complaint",  # Mailgun: reason
}
WORD_KEYS = ("Type", "bounceType", "bounce-type", "type", "event", "severity", "reason")


def on_tracking_event(sender: Any, event: AnymailTrackingEvent, **kwargs: Any) -> None:  # noqa: ARG001
    """Receive one event from anymail's webhook views."""
    track_event(event, timezone.now())


@transaction.atomic
def track_event(event: AnymailTrackingEvent, now: datetime) -> bool:
    """Note one event; False where it fits no delivery. Safe to run twice: dates are set once."""
    delivery = _find_delivery(event)
    if delivery is None:
        logger.warning("A report (%s) fits no delivery; nothing was changed.", event.event_type)
        return False
    _settle_status(delivery, event, now)
    if event.event_type not in DATE_FIELDS:
        return True
    _set_once(delivery, DATE_FIELDS[event.event_type], _read_moment(event, now))
    if event.event_type == EventType.COMPLAINED:
        _suppress_address(delivery, Suppression.Reason.COMPLAINT)
    elif event.event_type in HARD_REASONS and is_hard(event):
        _suppress_address(delivery, Suppression.Reason.BOUNCE)
    elif event.event_type == EventType.UNSUBSCRIBED:
        delivery.subscriber.unsubscribe(now)
    return True


def is_hard(event: AnymailTrackingEvent) -> bool:
    """Whether the address itself is refused, and not only this attempt or this mail."""
    words = _list_provider_words(event.esp_event)
    if words & SOFT_WORDS:
        return False
    return bool(words & HARD_WORDS) or event.reject_reason in HARD_REASONS[event.event_type]


def _list_provider_words(raw: object) -> set[str]:
    """The provider's own names for the event, wherever in its first three levels they stand."""
    levels = [raw] if isinstance(raw, dict) else []
    for _ in range(2):
        levels += [v for level in levels for v in level.values() if isinstance(v, dict)]
    return {word for level in levels for k in WORD_KEYS if isinstance(word := level.get(k), str)}


def _find_delivery(event: AnymailTrackingEvent) -> Delivery | None:
    """The delivery this event is about; None unless the recipient and one of the ids match."""
    identity = Q(message_id=event.message_id) if event.message_id else Q(pk__in=[])
    if key := _read_key(event):
        identity |= Q(key=key, message_id="")
    recipient = (event.recipient or "").lower()
    rows = Delivery.objects.filter(identity, subscriber__email=recipient)
    return rows.select_related("subscriber").first()


def _read_key(event: AnymailTrackingEvent) -> UUID | None:
    """Our delivery's key, where the provider hands back the metadata we sent."""
    try:
        return UUID(str((event.metadata or {}).get("delivery")))
    except ValueError:
        return None


def _settle_status(delivery: Delivery, event: AnymailTrackingEvent, now: datetime) -> None:
    """A report on a delivery whose call got no answer, or none yet, shows that it went out."""
    in_doubt = Q(status=Status.IN_DOUBT)
    begun = Q(status__in=[Status.CLAIMED, Status.PLANNED], maybe_sent_at__isnull=False)
    Delivery.objects.filter(in_doubt | begun, pk=delivery.pk).update(
        status=Status.SENT,
        sent_at=Coalesce("maybe_sent_at", "claimed_at", Value(_read_moment(event, now))),
        message_id=(event.message_id or "")[:255],
        retry_at=None,
        error="",
    )


def _read_moment(event: AnymailTrackingEvent, now: datetime) -> datetime:
    """When it happened, aware; by our clock where the provider does not say."""
    moment: datetime = event.timestamp or now
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _set_once(delivery: Delivery, name: str, moment: datetime) -> None:
    Delivery.objects.filter(pk=delivery.pk, **{name: None}).update(**{name: moment})


def _suppress_address(delivery: Delivery, reason: Suppression.Reason) -> None:
    Suppression.objects.get_or_create(email=delivery.subscriber.email, defaults={"reason": reason})
