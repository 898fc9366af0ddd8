"""What happened to a subscriber is noted for every address that wants to hear of it.

It is noted in the transaction in which it happened, so that what is taken back is told to nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from digest.models import ProviderEvent, Verdict, Webhook, WebhookPost
from subscribers.models import ConsentEvent, Subscriber

# So many wait for one address at most: one that takes nothing must not fill the disk.
MOST_WAITING = 10_000
_KINDS = {
    ConsentEvent.Kind.CONFIRMED: Webhook.Kind.CONFIRMED,
    ConsentEvent.Kind.ELSEWHERE: Webhook.Kind.CONFIRMED,
    ConsentEvent.Kind.BACK: Webhook.Kind.CONFIRMED,
    ConsentEvent.Kind.LEFT: Webhook.Kind.LEFT,
}


def note_event(kind: str, subscriber_number: int, happened_at: datetime, reason: str = "") -> None:
    """Note it for each active address that wants this kind and takes what it is told."""
    for webhook in Webhook.objects.filter(is_active=True):
        waiting = WebhookPost.objects.waiting().filter(webhook=webhook)
        if kind in webhook.kinds and waiting[:MOST_WAITING].count() < MOST_WAITING:
            WebhookPost.objects.create(
                webhook=webhook,
                kind=kind,
                subscriber_number=subscriber_number,
                reason=reason,
                happened_at=happened_at,
                next_try_at=timezone.now(),
            )


def on_consent(instance: ConsentEvent, created: bool = False, **_: Any) -> None:
    if created:
        kind = _KINDS[ConsentEvent.Kind(instance.kind)]
        note_event(kind, instance.subscriber_id, instance.happened_at, instance.kind)


def on_deleted(instance: Subscriber, **_: Any) -> None:
    """Whoever is deleted while subscribed has left; who left before has been told of already."""
    if instance.is_active and instance.pk:
        note_event(Webhook.Kind.LEFT, instance.pk, timezone.now(), "deleted")


def on_suppressed(event: ProviderEvent, **_: Any) -> None:
    if event.subscriber_id:
        is_complaint = event.verdict == Verdict.COMPLAINT
        reason = "complaint" if is_complaint else "bounce"
        note_event(Webhook.Kind.BOUNCED, event.subscriber_id, event.happened_at, reason)
