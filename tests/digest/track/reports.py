"""Deliveries and reports on them, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from anymail.signals import AnymailTrackingEvent

from digest.models import Delivery, Edition, ProviderEvent
from digest.track import track_event
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_subscriber

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_serial = count(1)


def make_sent(reader: Subscriber | None = None, days: int = 0, **fields: Any) -> Delivery:
    """A delivery that was sent so many days after NOW."""
    at = NOW + days * DAY
    edition, _ = Edition.objects.get_or_create(date=at.date())
    defaults = {
        "subscriber": reader or make_subscriber(confirmed_at=NOW - DAY),
        "edition": edition,
        "status": "sent",
        "sent_at": at,
        "claimed_at": at,
        "message_id": f"m-{next(_serial)}",
        "contents": {},
    }
    return make_delivery(**(defaults | fields))


def tell(
    delivery: Delivery,
    kind: str,
    at: datetime | None = None,
    now: datetime | None = None,
    **more: Any,
) -> bool:
    """Report something of this mail, as happened five minutes after it left."""
    moment = at or (delivery.sent_at or NOW) + 5 * MINUTE
    fields = {
        "message_id": delivery.message_id,
        "recipient": delivery.subscriber.email,
        "event_id": f"e-{next(_serial)}",
        "metadata": {},
        "esp_event": {},
    } | more
    event = AnymailTrackingEvent(event_type=kind, timestamp=moment, **fields)
    return track_event(event, now or max(moment, NOW) + MINUTE, "Postmark")


def tell_soft(delivery: Delivery, **more: Any) -> bool:
    return tell(delivery, "bounced", esp_event={"Type": "SoftBounce"}, **more)


def tell_blocked(delivery: Delivery, **more: Any) -> bool:
    return tell(delivery, "rejected", esp_event={"Type": "Blocked"}, **more)


def effects() -> list[str]:
    """What the reports changed, in the order in which they came."""
    return list(ProviderEvent.objects.order_by("pk").values_list("effect", flat=True))
