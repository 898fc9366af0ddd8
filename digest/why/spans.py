"""In which of a subscriber's digests a paper could have been: each reaches from the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.compose.profiles import LONGEST_GAP
from digest.compose.select import FIRST_REACHES
from digest.models import Delivery, Paper
from subscribers.models import Subscriber


@dataclass(frozen=True)
class Span:
    """The digest that reached over the paper, and since when its papers were new.

    Without a `delivery` none did: `since` is then when the last was composed, None for never. Where
    `is_too_old` the paper came before the digest reaches, or the first one would.
    """

    delivery: Delivery | None
    since: datetime | None
    is_too_old: bool = False


def find_span(subscriber: Subscriber, paper: Paper, now: datetime) -> Span:
    """The first digest composed after the paper became available."""
    at = paper.available_at
    rows = Delivery.objects.filter(subscriber=subscriber).select_related("edition")
    rows = rows.order_by("covers_until", "pk")
    delivery = rows.filter(covers_until__gte=at).first()
    before = rows.filter(covers_until__lt=at).last()
    since = before.covers_until if before else None
    if delivery is None:
        last = rows.last()
        # Whoever had no digest yet gets the papers of some days, and no older ones.
        is_too_old = last is None and at is not None and at < now - FIRST_REACHES[-1]
        return Span(None, last.covers_until if last else None, is_too_old)
    reach = FIRST_REACHES[-1] if before is None else LONGEST_GAP[subscriber.cadence]
    earliest = delivery.covers_until - reach
    if at is not None and at < earliest:
        return Span(delivery, earliest, is_too_old=True)
    return Span(delivery, max(filter(None, [since, earliest])))
