"""What a run knows of its provider's pauses: those others began, and those of its own calls."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from digest.deliver.provider.judge import DEFAULT_PAUSE
from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.deliver.provider.pause import end_pause, find_pause, start_pause, take_trial
from digest.deliver.provider.silence import SilenceCount
from digest.models import ProviderPause
from digest.watch.alarms import ACCOUNT_REFUSED, raise_alarm, resolve_alarm

logger = logging.getLogger(__name__)

ACCOUNT_PAUSE = timedelta(minutes=15)  # after the provider refused our credentials
SILENT = 3
SILENCE_PAUSE = timedelta(seconds=15)  # after SILENT calls in a row without an answer
# A pause whose length we guess is doubled each time that the try after it meets the same.
LONGEST_GUESS = timedelta(minutes=15)
LOOK_EVERY = timedelta(seconds=1)


class PauseWatch:
    """Looks for the provider's pause, and begins one where the results of calls ask for it.

    After a pause one mail of one run alone finds out whether it is really over: then `is_trying`.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._trial: ProviderPause | None = None
        self._looked_at: datetime | None = None
        self._tried_after = timedelta(0)  # how long the pause was that is tried now
        self._silent: deque[bool] = deque(maxlen=SILENT)  # whether each of the last calls was
        self._count = SilenceCount(provider)  # of all runs, of which many have one call only
        self._silent_together = 0

    @property
    def is_trying(self) -> bool:
        return self._trial is not None

    def find_running(self, now: datetime) -> ProviderPause | None:
        """The pause that lasts now; what another run began or ended is seen within LOOK_EVERY."""
        if self._looked_at and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return None
        pause = find_pause(self._provider, now)
        if pause is None:
            self._trial = None
        elif self._trial is None or pause.until != self._trial.until:
            self._trial = take_trial(pause, now) if pause.until <= now else None
            if self._trial is None:
                return find_pause(self._provider, now)
            # One silence more is enough.
            self._silent.extend([True] * (SILENT - 1))
            self._tried_after = pause.until - pause.paused_at
        self._looked_at = now
        return None

    def note_results(
        self, results: Sequence[SendResult], now: datetime, *, is_news: bool = True
    ) -> None:
        """Hear what became of a call: its results may begin a pause for everybody, or end one.

        What we judged ourselves is left out. Where the call began before the pause that is tried
        now, it `is_news` no more: its silence and its success tell nothing.
        """
        results = [result for result in results if not result.is_ours]
        outcomes = {result.outcome for result in results} - {Outcome.NOT_ATTEMPTED}
        if not outcomes:
            return
        if is_news:
            self._note_silence(outcomes == {Outcome.UNKNOWN}, now)
        length, reason = self._find_reason(results, is_news=is_news)
        if reason:
            self._trial, self._looked_at = None, None
            self._count.forget()
            start_pause(self._provider, now, length, reason)
            if any(result.outcome is Outcome.ACCOUNT_REFUSED for result in results):
                said = _(
                    "%(reason)s Nothing is sent to it. First see whether its keys are right, then "
                    "what its own pages say of the account."
                ) % {"reason": reason}
                raise_alarm(ACCOUNT_REFUSED, said, now)
        elif self._trial and is_news:
            end_pause(self._trial, now)
            self._trial = None
            resolve_alarm(ACCOUNT_REFUSED, now)

    def _note_silence(self, is_silent: bool, now: datetime) -> None:
        self._silent.append(is_silent)
        self._silent_together = 0
        if is_silent:
            self._silent_together = self._count.note_silence()
        else:
            self._count.note_answer(now)

    def _find_reason(
        self, results: Sequence[SendResult], *, is_news: bool
    ) -> tuple[timedelta, str]:
        """How long nobody should call, and why; no reason where all is well."""
        for result in results:
            if result.outcome is Outcome.ACCOUNT_REFUSED:
                return ACCOUNT_PAUSE, _("The provider refuses our account: %(error)s") % {
                    "error": result.error
                }
            if result.pause:
                length = result.pause
                if length == DEFAULT_PAUSE:  # it did not say how long
                    length = self._double(DEFAULT_PAUSE)
                return length, _("The provider asked for a pause: %(error)s") % {
                    "error": result.error
                }
        is_silent = len(self._silent) == SILENT and all(self._silent)
        if is_news and (is_silent or self._silent_together >= SILENT):
            logger.error("The provider gives no answers, we wait: %s", results[-1].error)
            words = _("The provider gives no answers: %(error)s") % {"error": results[-1].error}
            return self._double(SILENCE_PAUSE), words
        return timedelta(0), ""

    def _double(self, first: timedelta) -> timedelta:
        """`first`, or twice the pause that is tried to be over; up to LONGEST_GUESS."""
        return min(max(2 * self._tried_after, first), LONGEST_GUESS) if self.is_trying else first
