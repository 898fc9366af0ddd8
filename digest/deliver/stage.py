"""Stage 6. Hand each delivery to the email provider, at most once, and account for it.

A delivery is claimed, marked as begun just before the call, and marked with the outcome just after
it; so whatever dies, and wherever, the row says how far it got. What was never begun is simply
planned again. What may have been sent is never sent again blindly: with a provider that knows our
key it goes again under the same key, with any other it is in doubt until that is settled
(doubt/doubt_runs.py). A worker that lost its claim, by being slow or asleep, finds out
before its next call.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext as _

from digest.deliver.after_restore.start_check import find_reason_to_wait
from digest.deliver.call_marks import mark_kept_results
from digest.deliver.claims import LEASE, release_claims, release_dead
from digest.deliver.delivery_runs import end_run, start_run
from digest.deliver.doubt.doubt_alarm import watch_doubts
from digest.deliver.doubt.doubt_runs import settle_doubts
from digest.deliver.hand_over import HandOver
from digest.deliver.provider.kept_calls import drop_settled_calls
from digest.deliver.provider.pacing import read_pace
from digest.deliver.provider.pause import delete_impossible_pauses
from digest.deliver.provider.send import Provider
from digest.deliver.provider.warm_up import forget_volumes
from digest.deliver.run_options import DeliverReport, RunOptions
from digest.flight.states import end_alarms
from digest.garbage import collect_seldom
from digest.high_water.hold import find_hold
from digest.models import Delivery
from subscribers.forgiving_cache import is_new_hour

__all__ = ["DeliverReport", "RunOptions", "deliver_planned", "settle_doubts", "sweep"]
NO_OPTIONS = RunOptions()


def deliver_planned(
    now: datetime, only: str | None = None, options: RunOptions = NO_OPTIONS
) -> DeliverReport:
    """Deliver all that is planned, or what is planned for the address `only`.

    Safe to run twice and by many workers at once: they share the rows out, and the pace that the
    provider allows. Stops early when the provider asks for a pause that is longer than the
    options' patience, falls silent or refuses our account. Raises what the database raises.
    """
    with Provider() as provider:
        traits, pace = provider.traits, read_pace(provider.esp_name)
    if reason := find_reason_to_wait():
        return DeliverReport(stopped=reason)
    if not Delivery.objects.open().has_rows():
        return DeliverReport()  # most minutes
    mark_kept_results()
    release_dead(now, traits)
    delete_impossible_pauses(now)
    if not Delivery.objects.open().planned().has_rows():
        return DeliverReport()
    wanted = 1 if only or traits.is_local else settings.DELIVER_CALLS_AT_ONCE
    clock = _start_clock(now)
    row = start_run(traits.name, now, wanted, pace.connections, at_least=1 if only else 0)
    if row is None:
        return DeliverReport(stopped=_("Other runs make all the calls that the provider allows."))
    try:
        with collect_seldom():
            # It ends within: what it kept is freed before somebody looks through it.
            return HandOver(row, traits, pace, clock, options, only).hand_over_all()
    finally:
        _end_run(row.pk)


def _end_run(run_id: int) -> None:
    """Without a database the row stays, and the run is soon taken for dead: it is."""
    try:
        end_run(run_id)
    except Error:
        connection.close()


def sweep(now: datetime, lease: timedelta = LEASE) -> Counter[str]:
    """Name the state of what was left lying; safe to run twice. Counts by the state given.

    What a dead run had claimed is planned again, or in doubt. What is planned and no longer news
    expires; where it may have been sent, that too is in doubt.
    """
    if find_hold():
        return Counter()  # nothing may expire that was sent, for all we know
    mark_kept_results()
    with Provider() as provider:
        counts = release_claims(now, provider.traits, lease)
    drop_settled_calls()
    if is_new_hour("digest.volumes_forgotten", now):
        forget_volumes(now)
    end_alarms(now)
    watch_doubts(now)
    return counts


def _start_clock(now: datetime) -> Callable[[], datetime]:
    """Time goes on while we work, from the moment we were given."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)
