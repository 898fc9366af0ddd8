"""One worker's run: rows are claimed, calls kept under way, and what became of them written down.

The run's own thread does all work with the database, and says every few seconds that it lives. What
talks to the provider are the threads of its pool of calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.db import Error, connection
from django.utils.translation import gettext as _

from digest.deliver.after_restore.start_check import find_reason_to_wait
from digest.deliver.call_marks import MARK_PAUSES, begin_calls, give_back, mark_results
from digest.deliver.claims import EVERYTHING, claim, claim_call
from digest.deliver.delivery_runs import note_alive
from digest.deliver.doubt.doubts import plan_left_out
from digest.deliver.mail_queue import ClaimSize, MailQueue
from digest.deliver.provider.batch_line import log_call
from digest.deliver.provider.call_pool import CallPool
from digest.deliver.provider.call_size import MOST_BYTES, CallSize
from digest.deliver.provider.kept_calls import drop_settled_calls, read_call
from digest.deliver.provider.outcomes import CALL_CHANGED, Outcome
from digest.deliver.provider.pacing import Pace, put_off_turns, take_turn
from digest.deliver.provider.pause_watch import PauseWatch
from digest.deliver.provider.provider_calls import ProviderCalls
from digest.deliver.provider.traits import ProviderTraits
from digest.deliver.provider.warm_up import give_shares_back
from digest.deliver.results import refuse_unset, set_result
from digest.deliver.run_options import DeliverReport, RunOptions
from digest.flight.clearance import Clearance, FlightGate
from digest.models import Delivery, DeliveryRun
from digest.render import Typesetter

Status = Delivery.Status

LOOK_SECONDS = 0.5  # the longest wait before the run says that it lives, and looks around
LAST_SECONDS = 15.0  # what calls under way may still take once the run is over
END_SECONDS = 4.0  # what calls under way may still take once the process is told to end


class HandOver:
    """A run for one account; `row` is its row among all runs, and `only` an address, if any."""

    def __init__(
        self,
        row: DeliveryRun,
        traits: ProviderTraits,
        pace: Pace,
        clock: Callable[[], datetime],
        options: RunOptions,
        only: str | None = None,
    ) -> None:
        self.report = DeliverReport()
        self._row, self._traits, self._pace = row, traits, pace
        self._clock, self._options, self._only = clock, options, only
        self._queue = MailQueue(Typesetter(is_quoted=bool(traits.batch_path)))
        self._claim_size = ClaimSize(options.size, options.most)
        self._pool: CallPool[ProviderCalls] = CallPool(row.connections)
        self._pauses, self._call_size = PauseWatch(traits.name), CallSize(traits, pace)
        # What goes to a folder on this machine can be looked at there.
        self._gate = None if traits.is_local else FlightGate(only)
        self._next: ProviderCalls | None = None  # waits for its turn
        self._has_told = self._has_trial = False
        self._mark_pauses: tuple[float, ...] = MARK_PAUSES
        self._last_within = float("inf")  # seconds that calls under way were given at last

    def hand_over_all(self) -> DeliverReport:
        """Go on until nothing is left to take, or a pause or the options end it; what it came to.

        Calls under way are waited for and written down, and what was claimed is given back,
        whatever happens. Raises what the database raises.
        """
        with self._pool:
            try:
                while (seconds := self._start_calls()) is not None or self._pool.under_way:
                    self._wait_for_calls(seconds or LOOK_SECONDS)
            except (KeyboardInterrupt, SystemExit):
                self._pool.end_calls(END_SECONDS)
                raise
            finally:
                self._give_back_rest()
                self._settle_rest()
        return self.report

    def _settle_rest(self) -> None:
        """Write down what becomes of all calls under way, though the database be away by now."""
        failure: Error | None = None
        while self._pool.under_way:
            if failure or self._options.is_ending():
                self._mark_pauses = ()  # it is kept in a file at once
            try:
                self._wait_for_calls(LOOK_SECONDS)
            except Error as error:
                connection.close()
                failure = error
        if failure:
            raise failure

    def _wait_for_calls(self, seconds: float) -> None:
        """Until a call has come to its end, or for so many seconds."""
        try:
            note_alive(self._row, self._clock())
        except Error:  # whatever else is to be written down waits until it is back
            connection.close()
        self._limit_last_calls()
        if calls := self._pool.wait(min(seconds, LOOK_SECONDS)):
            self._settle_call(calls)

    def _limit_last_calls(self) -> None:
        """Let a call that hangs hold up neither the next run for long nor the process's end."""
        is_over = bool(self.report.stopped) or not self._options.keep_going()
        seconds = LAST_SECONDS if is_over else self._last_within
        seconds = END_SECONDS if self._options.is_ending() else seconds
        if seconds < self._last_within:
            self._last_within = seconds
            self._pool.end_calls(seconds)

    # -- starting calls ----------------------------------------------------------------------------

    def _start_calls(self) -> float | None:
        """Start as many calls as may be now; seconds until the next may be, None where none is."""
        while not self.report.stopped and self._options.keep_going():
            if not self._pool.has_room:
                return LOOK_SECONDS
            if wait := self._look_for_pause():
                return wait
            if self._has_trial:
                return LOOK_SECONDS
            self._next = self._next or self._take_batch()
            if self._next is None:
                return None
            if wait := take_turn(self._traits.name, self._pace, len(self._next.deliveries)):
                return wait
            calls, self._next = self._next, None
            calls.leaves_at = time.monotonic() + self._pace.find_lead(len(calls.deliveries))
            self._begin_call(calls)
        # Others may take them while the last calls are under way.
        self._give_back_rest()
        return None

    def _look_for_pause(self) -> float:
        """Seconds until the provider may be called; the run stops where that is too long."""
        now = self._clock()
        pause = self._pauses.find_running(now)
        if pause is None:
            return 0.0
        if pause.until - now > self._options.patience:
            reason = pause.reason or _("The provider asked for a pause.")
            self.report.stopped = _("%(reason)s We wait until %(until)s UTC.") % {
                "reason": reason,
                "until": f"{pause.until:%H:%M}",
            }
            self.report.waits_until = pause.until
        return (pause.until - now).total_seconds()

    def _take_batch(self) -> ProviderCalls | None:
        """The mails of the next call, of rows claimed before or now; None where none are left."""
        while not (pairs := self._render_next()):
            if reason := find_reason_to_wait():  # a backup may come back under a run too
                self.report.stopped = reason
                return None
            now = self._clock()
            clearance = self._gate.read(now) if self._gate else None
            # A call concerns others too.
            may_repeat = self._traits.call_key and not self._only
            held = clearance.held if clearance else ()
            if may_repeat and (again := claim_call(now, self._traits, self._row.pk, held)):
                return ProviderCalls(again, key=again[0].call)
            if not (taken := self._claim_cleared(now, clearance)):
                return None
            if len(taken) >= self._options.size and not self._has_told:
                self._has_told = True
                self._options.on_more()
            self._queue.add([row for row in taken if row.status == Status.CLAIMED])
            self._count_results([row for row in taken if row.status != Status.CLAIMED])
        return ProviderCalls([delivery for delivery, _ in pairs], [mail for _, mail in pairs])

    def _claim_cleared(self, now: datetime, clearance: Clearance | None) -> list[Delivery]:
        """Rows that may leave now; where there are none, the report says why others wait."""
        size = 1 if self._pauses.is_trying else self._claim_size.choose()
        for where in clearance.list_conditions() if clearance else [EVERYTHING]:
            if taken := claim(now, self._traits, self._only, size, self._row.pk, where):
                return taken
        if clearance and clearance.waits:
            self.report.stopped = " ".join(clearance.waits)
        return []

    def _render_next(self) -> list[tuple[Delivery, EmailMultiAlternatives]]:
        """The mails of the next call; whatever has none is in its last state then."""
        size = 1 if self._pauses.is_trying else self._call_size.choose()
        pairs: list[tuple[Delivery, EmailMultiAlternatives]] = []
        while self._queue and not pairs:
            taken = self._queue.take(size, MOST_BYTES)
            pairs = [(delivery, mail) for delivery, mail in taken if mail]
            unset = [delivery for delivery, mail in taken if not mail]
            refuse_unset(unset, self._traits, self._clock())
            mark_results(unset)
            self._count_results(unset)
        return pairs

    def _begin_call(self, calls: ProviderCalls) -> None:
        """Mark the rows as begun, and let a thread make their call."""
        calls.begun_at, calls.is_trial = self._clock(), self._pauses.is_trying
        if not self._leave_held_out(calls):
            return
        begun = begin_calls(calls.deliveries, calls.begun_at, self._traits, calls.key)
        if calls.key:
            self._begin_again(calls, begun)
        else:
            self._give_back(calls.keep_only(begun))
            if calls.deliveries:
                self._start_in_thread(calls)

    def _leave_held_out(self, calls: ProviderCalls) -> bool:
        """Give back what was claimed before its edition was held; whether anything is left.

        A call that is made again is left out as a whole.
        """
        held = self._gate.read(self._clock()).held if self._gate else frozenset()
        stays = [delivery for delivery in calls.deliveries if delivery.edition_id in held]
        if not stays:
            return True
        if calls.key:
            left, calls.deliveries = calls.deliveries, []
        else:
            left = calls.keep_only({d.pk for d in calls.deliveries} - {d.pk for d in stays})
        self._give_back(left)
        return bool(calls.deliveries)

    def _begin_again(self, calls: ProviderCalls, begun: set[int]) -> None:
        """Make a call again that a dead worker began: with the same bytes under its key, or not.

        Without the mails that must not be sent any more: the provider takes that for a misuse of
        the key where it accepted the first call, and for the first call where it did not.
        """
        if calls.take_up(read_call(calls.key), begun):
            self._start_in_thread(calls)
            return
        calls.results = [CALL_CHANGED] * len(calls.deliveries)
        calls.kept_keys = [calls.key]
        self._settle_call(calls)

    def _start_in_thread(self, calls: ProviderCalls) -> None:
        self._has_trial = calls.is_trial
        self._pool.start(calls)

    # -- what became of them -----------------------------------------------------------------------

    def _settle_call(self, calls: ProviderCalls) -> None:
        """Write down what became of the rows of a call, and hear whether all must wait."""
        assert calls.begun_at is not None
        now = self._clock()  # one moment for all: rows marked alike are written together
        self._call_size.note_results(calls.results, calls.took)
        for delivery, result in zip(calls.deliveries, calls.results, strict=True):
            set_result(delivery, result, self._traits, calls.begun_at, now)
        mark_results(calls.deliveries, self._mark_pauses)
        self._give_shares_back(d for d in calls.deliveries if d.status == Status.PLANNED)
        put_off_turns(self._traits.name, self._pace, len(calls.deliveries), calls.late_by)
        if calls.is_split and all(result.outcome is Outcome.SENT for result in calls.results):
            plan_left_out(calls.key, now)
        log_call(calls.deliveries, calls.results, self._traits.name, now - calls.begun_at)
        self._count_results(calls.deliveries)
        self._has_trial = self._has_trial and not calls.is_trial
        is_news = calls.is_trial or not self._pauses.is_trying
        self._pauses.note_results(calls.results, now, is_news=is_news)
        if calls.kept_keys:
            drop_settled_calls(calls.kept_keys)

    def _give_back_rest(self) -> None:
        """Plan again what was claimed and not begun; without a database, a sweep will."""
        left = self._queue.clear()
        left += self._next.deliveries if self._next else []
        self._next = None
        with suppress(Error):
            give_back(left)
            self._give_shares_back(left)
        self._count_results(left)

    def _give_back(self, deliveries: Sequence[Delivery]) -> None:
        give_back(deliveries)
        self._give_shares_back(deliveries)
        self._count_results(deliveries)

    def _give_shares_back(self, deliveries: Iterable[Delivery]) -> None:
        """Of a warm-up, where they were counted: a call that is made again was when it began."""
        if not self._only:
            give_shares_back([d for d in deliveries if d.maybe_sent_at is None])

    def _count_results(self, deliveries: Sequence[Delivery]) -> None:
        self.report.counts.update(str(delivery.status) for delivery in deliveries)
        if done := sum(delivery.status != Status.PLANNED for delivery in deliveries):
            self._options.progress(done)
