"""Mails in doubt in numbers, and a provider that has them."""

from __future__ import annotations

from typing import Any

from digest.deliver.provider.send import Provider
from digest.models import Delivery, ProviderEvent
from digest.render import Typesetter
from tests.factories import NOW, make_delivery
from tests.provider_server import Server


def make_doubtful(count: int, **fields: Any) -> list[Delivery]:
    """So many mails in doubt whose call began at NOW, each to a subscriber of its own."""
    with Provider() as provider:
        name = provider.traits.name
    doubtful = {"status": "in_doubt", "maybe_sent_at": NOW, "claimed_at": NOW, "provider": name}
    return [make_delivery(**doubtful | fields) for _ in range(count)]


def make_reported(count: int) -> list[Delivery]:
    """So many mails that left at NOW by the same account, and were reported as delivered."""
    sent = {"status": "sent", "sent_at": NOW, "delivered_at": NOW, "maybe_sent_at": None}
    return [report_on(row) for row in make_doubtful(count, **sent)]


def report_on(delivery: Delivery, *, has_key: bool = True) -> Delivery:
    """A report of it has come, with our key or without."""
    ProviderEvent.objects.create(
        event_id=str(delivery.key),
        kind="delivered",
        verdict="arrived",
        happened_at=NOW,
        received_at=NOW,
        has_key=has_key,
        delivery=delivery,
    )
    return delivery


def accept(server: Server, deliveries: list[Delivery]) -> None:
    """Let the provider have these mails."""
    mails = Typesetter().render_all(deliveries)
    for delivery, mail in zip(deliveries, mails, strict=True):
        assert mail
        to, subject = delivery.subscriber.email, str(mail.subject)
        server.book.accepted.append(
            {"To": to, "to": [to], "Subject": subject, "subject": subject}
            | {"Metadata": {"delivery": str(delivery.key)}}
        )


def count_by_status() -> dict[str, int]:
    statuses = Delivery.objects.values_list("status", flat=True)
    return {status: list(statuses).count(status) for status in set(statuses)}
