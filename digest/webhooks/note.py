"""What happened to a subscriber is noted for every address that wants to hear of it.

It is noted in the transaction in which it happened, so that what is taken back is told to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Happening:
    """What happened to one subscriber."""

    kind: str
    subscriber_number: int
    happened_at: datetime
    reason: str = ""


def note_happenings(happenings: Sequence[Happening]) -> None:
    """Note them for each active address that wants their kinds and takes what it is told."""
    for webhook in Webhook.objects.filter(is_active=True):
        wanted = [one for one in happenings if one.kind in webhook.kinds]
        waiting = WebhookPost.objects.waiting().filter(webhook=webhook)
        room = MOST_WAITING - waiting[:MOST_WAITING].count() if wanted else 0
        WebhookPost.objects.bulk_create(
            WebhookPost(webhook=webhook, next_try_at=timezone.now(), **vars(one))
            for one in wanted[:room]
        )


def on_consent(instance: ConsentEvent, created: bool = False, **_: Any) -> None:
    if created:
        on_consents([instance])


def on_consents(events: Sequence[ConsentEvent], **_: Any) -> None:
    note_happenings(
        [
            Happening(
                _KINDS[ConsentEvent.Kind(event.kind)],
                event.subscriber_id,
                event.happened_at,
                event.kind,
            )
            for event in events
        ]
    )


def on_deletion(subscribers: Sequence[Subscriber], **_: Any) -> None:
    """Whoever is deleted while subscribed has left; who left before has been told of already."""
    now = timezone.now()
    active = [one for one in subscribers if one.is_active]
    if active:
        note_happenings([Happening(Webhook.Kind.LEFT, one.pk, now, "deleted") for one in active])


def on_suppressed(event: ProviderEvent, **_: Any) -> None:
    if event.subscriber_id:
        is_complaint = event.verdict == Verdict.COMPLAINT
        reason = "complaint" if is_complaint else "bounce"
        bounced = Webhook.Kind.BOUNCED
        note_happenings([Happening(bounced, event.subscriber_id, event.happened_at, reason)])
