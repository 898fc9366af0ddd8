"""What the result of a call means for its delivery: its next state, and when it is tried again."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.deliver.provider.traits import ProviderTraits
from digest.models import Delivery

Status = Delivery.Status
logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(minutes=1)  # doubled with every attempt
LONGEST_RETRY = timedelta(hours=2)
LAST_TRY = timedelta(minutes=1)  # before the provider forgets a key there is time for one more call


def set_result(
    delivery: Delivery,
    result: SendResult,
    traits: ProviderTraits,
    begun_at: datetime,
    now: datetime,
) -> None:
    """Set on the row, not yet in the database, what the result of its call means for it.

    Its `maybe_sent_at` is that of an earlier call without an answer, if there was one.
    """
    delivery.error, delivery.retry_at = result.error[:300], None
    if result.outcome is Outcome.SENT:
        delivery.status, delivery.sent_at = Status.SENT, now
        delivery.message_id = result.message_id[:255]
    elif result.outcome is Outcome.REJECTED:
        # Perhaps because an earlier call for it went through.
        is_doubtful = result.is_known or delivery.maybe_sent_at
        delivery.status = Status.IN_DOUBT if is_doubtful else Status.FAILED
    elif result.outcome is Outcome.NOT_ATTEMPTED:
        delivery.status, delivery.attempts = Status.PLANNED, delivery.attempts - 1
    else:
        _plan_again(delivery, result, traits, begun_at, now)


def refuse_unset(deliveries: Iterable[Delivery], traits: ProviderTraits, now: datetime) -> None:
    """Set on rows that no mail could be made of that they were never sent."""
    why = _("It could not be set: no papers left, or see the log.")
    for delivery in deliveries:
        set_result(delivery, SendResult(Outcome.REJECTED, error=why), traits, now, now)


def _plan_again(
    delivery: Delivery,
    result: SendResult,
    traits: ProviderTraits,
    begun_at: datetime,
    now: datetime,
) -> None:
    if result.outcome is Outcome.UNKNOWN:
        delivery.maybe_sent_at = delivery.maybe_sent_at or begun_at
        if now - delivery.maybe_sent_at >= max(traits.key_lifetime, traits.call_lifetime):
            delivery.status = Status.IN_DOUBT
            return
    logger.warning("Delivery %s is tried again later: %s", delivery.pk, result.error)
    delivery.status = Status.PLANNED
    delivery.retry_at = now + (result.pause or _compute_wait(delivery, traits, now))


def _compute_wait(delivery: Delivery, traits: ProviderTraits, now: datetime) -> timedelta:
    """The backoff, but no longer than until a last call under a key that the provider knows."""
    wait = compute_backoff(delivery.attempts)
    if delivery.maybe_sent_at is None:
        return wait
    lifetime = max(traits.key_lifetime, traits.call_lifetime)
    left = delivery.maybe_sent_at + lifetime - LAST_TRY - now
    return min(wait, left) if left > timedelta(0) else wait


def compute_backoff(attempts: int) -> timedelta:
    """How long a row waits after so many attempts: doubled with each, up to LONGEST_RETRY."""
    return min(FIRST_RETRY * (1 << min(attempts - 1, 10)), LONGEST_RETRY)
