"""Editions with many mails, made quickly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from digest.models import Delivery, Edition, EditionFlight
from subscribers.models import Subscriber
from tests.factories import NOW, make_paper


def make_edition(mails: int, days_ago: int = 0, **fields: Any) -> Edition:
    """An edition with so many deliveries of one paper, planned where nothing else is said."""
    when = NOW - timedelta(days=days_ago)
    edition, _ = Edition.objects.get_or_create(date=when.date())
    paper, made = make_paper(), Subscriber.objects.count()
    people = Subscriber.objects.bulk_create(
        Subscriber(email=f"many{made + n}@example.org", status="active", confirmed_at=NOW)
        for n in range(mails)
    )
    contents = {"papers": [{"id": paper.pk, "section": "new", "topics": [[1, "papers", "Paper"]]}]}
    defaults: dict[str, Any] = {"contents": contents, "covers_until": when, "edition": edition}
    Delivery.objects.bulk_create(
        Delivery(**(defaults | {"subscriber": one} | fields)) for one in people
    )
    return edition


def make_flight(edition: Edition, **fields: Any) -> EditionFlight:
    """Checked and on its way, where nothing else is said."""
    defaults = {"state": "flying", "since": NOW, "checked_at": NOW}
    return EditionFlight.objects.create(edition=edition, **(defaults | fields))


def count_states() -> dict[str, int]:
    statuses = list(Delivery.objects.values_list("status", flat=True))
    return {status: statuses.count(status) for status in sorted(set(statuses))}
