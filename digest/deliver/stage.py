"""Stage 6. Hand each delivery to the email provider, at most once, and account for it.

A delivery is claimed, marked as begun just before the call, and marked with the outcome just after
it; so whatever dies, and wherever, the row says how far it got. What was never begun is simply
planned again. What may have been sent is never sent again blindly: with a provider that knows our
key it goes again under the same key, with any other it is parked as in doubt until the provider
reports. A worker that lost its claim, by being slow or asleep, finds out before its next call.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives

from digest.deliver.claims import (
    CHUNK,
    LEASE,
    begin,
    claim,
    claim_call,
    give_back,
    mark,
    note_call,
    release,
)
from digest.deliver.outcomes import Outcome, Verdict
from digest.deliver.pause import delete_impossible_pauses, end_pause, find_pause, start_pause
from digest.deliver.provider import CHANGED, Provider
from digest.models import Delivery
from digest.render import Typesetter

Status = Delivery.Status
logger = logging.getLogger(__name__)

HAND_OVER = timedelta(minutes=4)  # no call of a chunk begins later than this: well within its lease
FIRST_RETRY = timedelta(minutes=1)  # doubled with every attempt
LONGEST_RETRY = timedelta(hours=2)
ACCOUNT_PAUSE = timedelta(minutes=15)  # after the provider refused our credentials
SILENCE_PAUSE = timedelta(minutes=1)  # after SILENT calls in a row without an answer
SILENT = 3


@dataclass
class DeliverReport:
    """What became of the rows that were taken, by status, and why it stopped early if it did."""

    counts: Counter[str] = field(default_factory=Counter)
    stopped: str = ""


@dataclass
class _Run:
    """One worker's round: what it keeps open from chunk to chunk."""

    clock: Callable[[], datetime]
    provider: Provider
    report: DeliverReport
    typesetter: Typesetter = field(default_factory=Typesetter)
    last: deque[Verdict] = field(default_factory=lambda: deque(maxlen=SILENT))


def deliver_planned(
    now: datetime,
    only: str | None = None,
    progress: Callable[[int], None] | None = None,
    keep_going: Callable[[], bool] = lambda: True,
    size: int = CHUNK,
) -> DeliverReport:
    """Deliver all that is planned, or what is planned for the address `only`, `size` at a time.

    Safe to run twice and by many workers at once. Stops early when the provider asks for a pause,
    falls silent or refuses our account, and when `keep_going()` says so between two chunks.
    `progress` is told how many rows of each chunk are done with.
    """
    with Provider() as provider:
        run = _Run(_clock(now), provider, DeliverReport())
        while not run.report.stopped and keep_going():
            taken = _deliver_chunk(run, only, size)
            if not taken:
                break
            if progress:
                progress(sum(delivery.status != Status.PLANNED for delivery in taken))
            run.report.counts.update(str(delivery.status) for delivery in taken)
    return run.report


def _clock(now: datetime) -> Callable[[], datetime]:
    """Time goes on while we work, from the moment we were given."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)


def _deliver_chunk(run: _Run, only: str | None, size: int) -> list[Delivery]:
    now, traits = run.clock(), run.provider.traits
    delete_impossible_pauses(now)
    pause = find_pause(traits.name, now)
    if pause and pause.until > now:
        run.report.stopped = f"The provider asked us to wait until {pause.until:%H:%M} UTC."
        return []
    if pause:
        # After a pause one mail tries whether all is well again; one silence more is enough.
        run.last.extend([Verdict.UNKNOWN] * (SILENT - 1))
    is_keyed = traits.call_key and not only  # a call concerns others too
    taken = claim_call(now, traits) if is_keyed else []
    if taken:
        _hand_over_again(taken, run)
    else:
        taken = claim(now, traits, only, 1 if pause else size)
        _hand_over([d for d in taken if d.status == Status.CLAIMED], run)
    if pause and not run.report.stopped:
        end_pause(traits.name, now)
    return taken


def _hand_over(claimed: list[Delivery], run: _Run) -> None:
    """Render, mark, call, mark, as many together as the provider takes."""
    started = run.clock()
    ready: list[tuple[Delivery, EmailMultiAlternatives]] = []
    for delivery, message in zip(claimed, run.typesetter.set_all(claimed), strict=True):
        if message:
            ready.append((delivery, message))
        else:
            error = "It could not be set: no papers left, or see the log."
            _apply(delivery, Outcome(Verdict.REFUSED, error=error), run, started, started)
    mark([d for d in claimed if d.status != Status.CLAIMED])
    step = run.provider.traits.batch_size
    for start in range(0, len(ready), step):
        part = ready[start : start + step]
        if run.report.stopped or run.clock() > started + HAND_OVER:
            give_back([delivery for delivery, _ in ready[start:]])
            break
        _hand_over_part(part, run)


def _hand_over_part(part: Sequence[tuple[Delivery, EmailMultiAlternatives]], run: _Run) -> None:
    begun_at = run.clock()
    begun = begin([delivery for delivery, _ in part], begun_at, run.provider.traits)
    give_back([delivery for delivery, _ in part if delivery.pk not in begun])
    calls = [(delivery, message) for delivery, message in part if delivery.pk in begun]
    outcomes = run.provider.hand_over([m for _, m in calls], _noting(calls)) if calls else []
    answered_at = run.clock()  # one moment for all: rows marked alike are written together
    for (delivery, _), outcome in zip(calls, outcomes, strict=True):
        _apply(delivery, outcome, run, begun_at, answered_at)
    mark([delivery for delivery, _ in calls])
    _obey(outcomes, run)


def _noting(calls: Sequence[tuple[Delivery, Any]]) -> Callable[[str, Sequence[int]], None]:
    return lambda key, places: note_call([calls[place][0] for place in places], key)


def _hand_over_again(claimed: list[Delivery], run: _Run) -> None:
    """Make a call again that a dead worker began: with the same bytes under its key, or not."""
    begun_at, key = run.clock(), claimed[0].call
    messages = run.typesetter.set_all(claimed)
    begun = begin(claimed, begun_at, run.provider.traits, key)
    whole = [message for message in messages if message and len(begun) == len(claimed)]
    if len(whole) == len(claimed):
        outcomes = run.provider.hand_over_again(whole, key)
    else:
        outcomes = [CHANGED] * len(claimed)
    answered_at = run.clock()
    for delivery, outcome in zip(claimed, outcomes, strict=True):
        _apply(delivery, outcome, run, begun_at, answered_at)
    mark(claimed)
    _obey(outcomes, run)


def _apply(
    delivery: Delivery, outcome: Outcome, run: _Run, begun_at: datetime, now: datetime
) -> None:
    """Set on the row, not yet in the database, what the outcome means for it.

    Its `maybe_sent_at` is that of an earlier call without an answer, if there was one.
    """
    verdict = outcome.verdict
    delivery.error, delivery.retry_at = outcome.error[:300], None
    if verdict is Verdict.SENT:
        delivery.status, delivery.sent_at = Status.SENT, now
        delivery.message_id = outcome.message_id[:255]
    elif verdict is Verdict.REFUSED:
        # Perhaps because an earlier call for it went through.
        delivery.status = Status.IN_DOUBT if delivery.maybe_sent_at else Status.FAILED
    elif verdict is Verdict.NOT_BEGUN:
        delivery.status, delivery.attempts = Status.PLANNED, delivery.attempts - 1
    else:
        _plan_again(delivery, outcome, run, begun_at, now)


def _plan_again(
    delivery: Delivery, outcome: Outcome, run: _Run, begun_at: datetime, now: datetime
) -> None:
    if outcome.verdict is Verdict.UNKNOWN:
        delivery.maybe_sent_at = delivery.maybe_sent_at or begun_at
        if now - delivery.maybe_sent_at >= run.provider.traits.key_lifetime:
            delivery.status = Status.IN_DOUBT
            return
    logger.warning("Delivery %s is tried again later: %s", delivery.pk, outcome.error)
    delivery.status = Status.PLANNED
    delivery.retry_at = now + (outcome.wait or _backoff(delivery.attempts))


def _backoff(attempts: int) -> timedelta:
    """Doubled with every attempt, up to LONGEST_RETRY."""
    return min(FIRST_RETRY * (1 << min(attempts - 1, 10)), LONGEST_RETRY)


def _obey(outcomes: Sequence[Outcome], run: _Run) -> None:
    """Stop everybody when the provider asks for a pause, refuses our account or is silent."""
    run.last.extend(o.verdict for o in outcomes if o.verdict is not Verdict.NOT_BEGUN)
    for outcome in outcomes:
        if outcome.verdict is Verdict.ACCOUNT:
            logger.critical("The provider refuses our account, nothing is sent: %s", outcome.error)
            _pause(f"The provider refuses our account: {outcome.error}", ACCOUNT_PAUSE, run)
        elif outcome.wait:
            _pause(f"The provider asked for a pause: {outcome.error}", outcome.wait, run)
        if run.report.stopped:
            return
    if list(run.last) == [Verdict.UNKNOWN] * SILENT:
        logger.error("The provider gives no answers, we wait: %s", outcomes[-1].error)
        _pause(f"The provider gives no answers: {outcomes[-1].error}", SILENCE_PAUSE, run)


def _pause(reason: str, length: timedelta, run: _Run) -> None:
    run.report.stopped = reason
    start_pause(run.provider.traits.name, run.clock(), length, reason)


def sweep(now: datetime, lease: timedelta = LEASE) -> Counter[str]:
    """Name the state of what was left lying; safe to run twice. Counts by the state given.

    A claim older than `lease` belongs to a worker that died. Where no call had begun it is planned
    again, and so it is where the provider knows its key; else it is in doubt. What is planned and
    no longer news expires; where it may have been sent, that too is in doubt.
    """
    with Provider() as provider:
        return release(now, provider.traits, lease)
