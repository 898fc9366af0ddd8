"""The line in the log for each call to the provider, told from its rows and results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from digest.deliver.provider.outcomes import SendResult
from digest.models import Delivery
from digest.watch.activity_log import log_batch


def log_call(
    deliveries: Sequence[Delivery], results: Sequence[SendResult], provider: str, took: timedelta
) -> None:
    """Say what a call came to; nothing where no row was left to be handed over."""
    if deliveries:
        log_batch(
            [delivery.edition.date for delivery in deliveries],
            [delivery.pk for delivery in deliveries],
            [result.outcome.value for result in results],
            provider,
            took.total_seconds(),
        )
