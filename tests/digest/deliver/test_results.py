"""What each result of a call means for its row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.deliver.provider.traits import ProviderTraits
from digest.deliver.results import compute_backoff, set_result
from digest.models import Delivery
from tests.factories import NOW

MINUTE = timedelta(minutes=1)
KEYLESS = ProviderTraits()
KEYED = ProviderTraits(key_lifetime=timedelta(minutes=15))
BEFORE = NOW - timedelta(seconds=2)


@pytest.mark.parametrize(
    ("outcome", "traits", "earlier", "status", "retry_in"),
    [
        (Outcome.SENT, KEYLESS, None, "sent", None),
        (Outcome.REJECTED, KEYLESS, None, "failed", None),
        (Outcome.REJECTED, KEYED, NOW - MINUTE, "in_doubt", None),
        (Outcome.UNKNOWN, KEYLESS, None, "in_doubt", None),
        (Outcome.UNKNOWN, KEYED, None, "planned", MINUTE),
        (Outcome.UNKNOWN, KEYED, NOW - 15 * MINUTE, "in_doubt", None),
        (Outcome.DEFERRED, KEYLESS, None, "planned", MINUTE),
        (Outcome.UNAVAILABLE, KEYLESS, None, "planned", 7 * MINUTE),
        (Outcome.NOT_ATTEMPTED, KEYLESS, None, "planned", None),
    ],
)
def test_each_outcome_has_its_state(
    outcome: Outcome, traits: ProviderTraits, earlier: Any, status: str, retry_in: Any
) -> None:
    row = Delivery(status="claimed", attempts=1, maybe_sent_at=earlier)
    pause = 7 * MINUTE if outcome is Outcome.UNAVAILABLE else timedelta(0)
    set_result(row, SendResult(outcome, "id", "words", pause), traits, BEFORE, NOW)
    assert (row.status, row.retry_at) == (status, NOW + retry_in if retry_in else None)
    assert row.sent_at == (NOW if status == "sent" else None)
    assert row.attempts == (0 if outcome is Outcome.NOT_ATTEMPTED else 1)


@pytest.mark.parametrize(
    ("began", "wait"),
    [(None, 8), (2, 8), (9, 5), (13, 1), (14, 8)],  # minutes
)
def test_a_last_call_is_made_while_the_provider_knows_the_key(began: Any, wait: int) -> None:
    row = Delivery(status="claimed", attempts=4)
    row.maybe_sent_at = NOW - began * MINUTE if began else None
    set_result(row, SendResult(Outcome.DEFERRED, "", "words"), KEYED, BEFORE, NOW)
    assert row.retry_at == NOW + wait * MINUTE


def test_the_wait_doubles_up_to_two_hours() -> None:
    waits = [compute_backoff(attempts) for attempts in (1, 2, 3, 8, 99)]
    assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, timedelta(hours=2), timedelta(hours=2)]
