"""Calls in a row that got no answer, counted for all runs together.

A first digest is a run of its own with one call: a count within each run would never come to more
than one, and each would wait for a provider that answers nobody.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from digest.models import ProviderPace

# Where all is well nothing is written, but it is asked for: a run does so no more often than this.
ANSWERS_TOLD_EVERY = timedelta(seconds=1)


class SilenceCount:
    """One run's part in the count for a provider."""

    def __init__(self, provider: str) -> None:
        self._rows = ProviderPace.objects.filter(provider=provider)
        self._provider = provider
        self._told_at: datetime | None = None

    def note_silence(self) -> int:
        """One call more got no answer; how many those are in a row."""
        self._told_at = None
        if not self._rows.update(silent=F("silent") + 1):
            self._rows.get_or_create(provider=self._provider, defaults={"free_at": 0.0})
            self._rows.update(silent=F("silent") + 1)
        return self._rows.values_list("silent", flat=True).get()

    def note_answer(self, now: datetime) -> None:
        """A call was answered, whatever the answer: the row of silences is over."""
        if self._told_at and timedelta(0) <= now - self._told_at < ANSWERS_TOLD_EVERY:
            return
        self._told_at = now
        self.forget()

    def forget(self) -> None:
        """Count from the start: after an answer, or because all are paused now."""
        self._rows.filter(silent__gt=0).update(silent=0)
