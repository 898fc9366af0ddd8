"""How many mails go together in a call, where a provider takes many and knows no keys.

What a call without an answer leaves unknown is the whole of it, and what it costs us beside its
mails is the same for few and for many. So a run begins with few, and has twice as many in the next
call as long as calls are answered well and soon; whatever else comes, it begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.deliver.provider.pacing import Pace
from digest.deliver.provider.traits import ProviderTraits

# Of a call that is answered so soon the process that is told to end still hears the answer
# (END_SECONDS in hand_over.py), and the next one may take twice as long.
QUICK_SECONDS = 1.0
SLOW_SECONDS = 3.0
# Of the bodies in one call, as 60 ordinary digests have: several such calls are in memory at once,
# and a line of five megabits a second carries one in END_SECONDS. Postmark takes 50 MB:
# https://postmarkapp.com/developer/user-guide/send-email-with-api/batch-emails
MOST_BYTES = 2_500_000
# An answer to each mail, whatever it is: a refused address says nothing against the others.
CLEAR = {Outcome.SENT, Outcome.REJECTED}


class CallSize:
    """How many mails one run hands over together, by what became of its calls so far."""

    def __init__(self, traits: ProviderTraits, pace: Pace) -> None:
        self._first = traits.batch_size
        most = max(traits.batch_most, self._first)
        if pace.messages_per_second:  # no burst is larger than what a second allows
            most = max(min(most, int(pace.messages_per_second)), self._first)
        self._most, self._size = most, self._first

    def choose(self) -> int:
        """For the next call."""
        return self._size

    def note_results(self, results: Sequence[SendResult], took: float) -> None:
        """Hear what became of a call, and how many seconds it took."""
        outcomes = {result.outcome for result in results}
        if not outcomes <= CLEAR or Outcome.SENT not in outcomes or took > SLOW_SECONDS:
            self._size = self._first
        elif took <= QUICK_SECONDS and len(results) >= self._size:
            self._size = min(self._size * 2, self._most)
