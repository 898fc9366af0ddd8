"""Stage 6. Hand each delivery to the email provider, at most once, and account for it.

A delivery is claimed, marked as begun just before the call, and marked with the outcome just after
it; so whatever dies, and wherever, the row says how far it got. What was never begun is simply
planned again. What may have been sent is never sent again blindly: with a provider that knows our
key it goes again under the same key, with any other it is in doubt until that is settled
(digest/deliver/doubts.py). A worker that lost its claim, by being slow or asleep, finds out before
its next call.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives

from digest.deliver.claims import (
    CHUNK,
    LEASE,
    begin_calls,
    claim,
    claim_call,
    give_back,
    mark_results,
    note_call,
    release_claims,
)
from digest.deliver.doubts import settle_doubts
from digest.deliver.kept_calls import drop_settled_calls, keep_call, read_call
from digest.deliver.outcomes import CALL_CHANGED, Outcome, SendResult
from digest.deliver.pause import delete_impossible_pauses, end_pause, find_pause, start_pause
from digest.deliver.provider import CallListener, Provider
from digest.models import Delivery
from digest.render import Typesetter

__all__ = ["DeliverReport", "compute_backoff", "deliver_planned", "settle_doubts", "sweep"]
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
class _DeliveryRun:
    """What one worker keeps from chunk to chunk."""

    clock: Callable[[], datetime]
    provider: Provider
    report: DeliverReport
    typesetter: Typesetter = field(default_factory=Typesetter)
    recent: deque[Outcome] = field(default_factory=lambda: deque(maxlen=SILENT))


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
        run = _DeliveryRun(_start_clock(now), provider, DeliverReport())
        delete_impossible_pauses(now)
        while not run.report.stopped and keep_going():
            taken = _deliver_chunk(run, only, size)
            if not taken:
                break
            if progress:
                progress(sum(delivery.status != Status.PLANNED for delivery in taken))
            run.report.counts.update(str(delivery.status) for delivery in taken)
    return run.report


def sweep(now: datetime, lease: timedelta = LEASE) -> Counter[str]:
    """Name the state of what was left lying; safe to run twice. Counts by the state given.

    A claim older than `lease` belongs to a worker that died. Where no call had begun it is planned
    again, and so it is where the provider knows its key; else it is in doubt. What is planned and
    no longer news expires; where it may have been sent, that too is in doubt.
    """
    with Provider() as provider:
        counts = release_claims(now, provider.traits, lease)
    drop_settled_calls()
    return counts


def _start_clock(now: datetime) -> Callable[[], datetime]:
    """Time goes on while we work, from the moment we were given."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)


def _deliver_chunk(run: _DeliveryRun, only: str | None, size: int) -> list[Delivery]:
    """Claim some rows and hand them over; the rows taken, none where there is nothing to do now."""
    now, traits = run.clock(), run.provider.traits
    pause = find_pause(traits.name, now)
    if pause and pause.until > now:
        run.report.stopped = f"The provider asked us to wait until {pause.until:%H:%M} UTC."
        return []
    if pause:
        # After a pause one mail tries whether all is well again; one silence more is enough.
        run.recent.extend([Outcome.UNKNOWN] * (SILENT - 1))
    is_keyed = traits.call_key and not only  # a call concerns others too
    taken = claim_call(now, traits) if is_keyed else []
    if taken:
        _repeat_call(taken, run)
    else:
        taken = claim(now, traits, only, 1 if pause else size)
        _deliver_claimed([d for d in taken if d.status == Status.CLAIMED], run)
    if pause and not run.report.stopped:
        end_pause(traits.name, now)
    return taken


def _deliver_claimed(claimed: list[Delivery], run: _DeliveryRun) -> None:
    """Render, mark, call, mark, as many together as the provider takes."""
    started = run.clock()
    rendered: list[tuple[Delivery, EmailMultiAlternatives]] = []
    for delivery, message in zip(claimed, run.typesetter.render_all(claimed), strict=True):
        if message:
            rendered.append((delivery, message))
        else:
            error = "It could not be set: no papers left, or see the log."
            _set_result(delivery, SendResult(Outcome.REJECTED, error=error), run, started, started)
    mark_results([d for d in claimed if d.status != Status.CLAIMED])
    step = run.provider.traits.batch_size
    for start in range(0, len(rendered), step):
        batch = rendered[start : start + step]
        if run.report.stopped or run.clock() > started + HAND_OVER:
            give_back([delivery for delivery, _ in rendered[start:]])
            break
        _deliver_batch(batch, run)


def _deliver_batch(
    batch: Sequence[tuple[Delivery, EmailMultiAlternatives]], run: _DeliveryRun
) -> None:
    begun_at = run.clock()
    begun = begin_calls([delivery for delivery, _ in batch], begun_at, run.provider.traits)
    give_back([delivery for delivery, _ in batch if delivery.pk not in begun])
    calls = [(delivery, message) for delivery, message in batch if delivery.pk in begun]
    keys: list[str] = []
    on_call = _make_call_listener([delivery for delivery, _ in calls], keys, begun_at)
    results = run.provider.send_messages([m for _, m in calls], on_call) if calls else []
    _mark_and_pause([delivery for delivery, _ in calls], results, run, begun_at)
    if keys:
        drop_settled_calls(keys)


def _make_call_listener(
    deliveries: Sequence[Delivery], keys: list[str], now: datetime
) -> CallListener:
    """Writes down which rows go together in a call, and its bytes, before it is made."""

    def listen(key: str, body: str, indexes: Sequence[int]) -> None:
        together = [deliveries[index] for index in indexes]
        keep_call(key, body, together, now)
        note_call(together, key)
        keys.append(key)

    return listen


def _repeat_call(claimed: list[Delivery], run: _DeliveryRun) -> None:
    """Make a call again that a dead worker began: with the same bytes under its key, or not."""
    begun_at, key = run.clock(), claimed[0].call
    kept = read_call(key)
    begun = begin_calls(claimed, begun_at, run.provider.traits, key)
    results = [CALL_CHANGED] * len(claimed)
    if kept and set(kept.delivery_ids) == begun == {delivery.pk for delivery in claimed}:
        claimed.sort(key=lambda delivery: kept.delivery_ids.index(delivery.pk))
        results = run.provider.repeat_call(kept.body, key, len(claimed))
    _mark_and_pause(claimed, results, run, begun_at)
    drop_settled_calls([key])


def _mark_and_pause(
    deliveries: Sequence[Delivery],
    results: Sequence[SendResult],
    run: _DeliveryRun,
    begun_at: datetime,
) -> None:
    """Write what became of the rows of a call, then stop everybody where the provider says so."""
    answered_at = run.clock()  # one moment for all: rows marked alike are written together
    for delivery, result in zip(deliveries, results, strict=True):
        _set_result(delivery, result, run, begun_at, answered_at)
    mark_results(deliveries)
    _pause_if_asked(results, run)


def _set_result(
    delivery: Delivery, result: SendResult, run: _DeliveryRun, begun_at: datetime, now: datetime
) -> None:
    """Set on the row, not yet in the database, what the result means for it.

    Its `maybe_sent_at` is that of an earlier call without an answer, if there was one.
    """
    delivery.error, delivery.retry_at = result.error[:300], None
    if result.outcome is Outcome.SENT:
        delivery.status, delivery.sent_at = Status.SENT, now
        delivery.message_id = result.message_id[:255]
    elif result.outcome is Outcome.REJECTED:
        # Perhaps because an earlier call for it went through.
        delivery.status = Status.IN_DOUBT if delivery.maybe_sent_at else Status.FAILED
    elif result.outcome is Outcome.NOT_ATTEMPTED:
        delivery.status, delivery.attempts = Status.PLANNED, delivery.attempts - 1
    else:
        _plan_again(delivery, result, run, begun_at, now)


def _plan_again(
    delivery: Delivery, result: SendResult, run: _DeliveryRun, begun_at: datetime, now: datetime
) -> None:
    if result.outcome is Outcome.UNKNOWN:
        delivery.maybe_sent_at = delivery.maybe_sent_at or begun_at
        traits = run.provider.traits
        if now - delivery.maybe_sent_at >= max(traits.key_lifetime, traits.call_lifetime):
            delivery.status = Status.IN_DOUBT
            return
    logger.warning("Delivery %s is tried again later: %s", delivery.pk, result.error)
    delivery.status = Status.PLANNED
    delivery.retry_at = now + (result.pause or compute_backoff(delivery.attempts))


def compute_backoff(attempts: int) -> timedelta:
    """How long a row waits after so many attempts: doubled with each, up to LONGEST_RETRY."""
    return min(FIRST_RETRY * (1 << min(attempts - 1, 10)), LONGEST_RETRY)


def _pause_if_asked(results: Sequence[SendResult], run: _DeliveryRun) -> None:
    """Stop everybody when the provider asks for a pause, refuses our account or is silent."""
    run.recent.extend(r.outcome for r in results if r.outcome is not Outcome.NOT_ATTEMPTED)
    for result in results:
        if result.outcome is Outcome.ACCOUNT_REFUSED:
            logger.critical("The provider refuses our account, nothing is sent: %s", result.error)
            _stop_run(f"The provider refuses our account: {result.error}", ACCOUNT_PAUSE, run)
        elif result.pause:
            _stop_run(f"The provider asked for a pause: {result.error}", result.pause, run)
        if run.report.stopped:
            return
    if list(run.recent) == [Outcome.UNKNOWN] * SILENT:
        logger.error("The provider gives no answers, we wait: %s", results[-1].error)
        _stop_run(f"The provider gives no answers: {results[-1].error}", SILENCE_PAUSE, run)


def _stop_run(reason: str, pause: timedelta, run: _DeliveryRun) -> None:
    """End this run, and let no other begin before the pause is over."""
    run.report.stopped = reason
    start_pause(run.provider.traits.name, run.clock(), pause, reason)
