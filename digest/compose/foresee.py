"""The digest that one subscriber would get now, chosen as it will be, and not written down."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from digest.compose.profiles import read_profiles
from digest.compose.sent_papers import read_papers_perhaps_seen
from digest.compose.stage import ComposeContext
from digest.models import Delivery, Edition
from subscribers.models import Subscriber


def foresee_delivery(subscriber: Subscriber, now: datetime) -> Delivery:
    """An unsaved delivery with its papers, or with the reason why there would be none.

    What else comes in until their hour is not in it yet.
    """
    context = ComposeContext(now)
    profiles = read_profiles([subscriber], now)
    selections = context.selector.select_all(profiles, read_papers_perhaps_seen([subscriber.pk]))
    selection = selections[subscriber.pk]
    context.writer.load_papers(choice.paper_id for choice in selection.papers)
    day = now.astimezone(ZoneInfo(subscriber.timezone)).date()
    delivery = Delivery(edition=Edition(date=day), subscriber=subscriber, covers_until=now)
    reason, contents = context.write_contents(
        profiles[subscriber.pk], selection, day=day, cadence=subscriber.cadence
    )
    if reason:
        delivery.status, delivery.quiet_reason = Delivery.Status.QUIET, reason
    delivery.contents = contents.to_json()
    return delivery
