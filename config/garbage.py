"""When a web process looks through all it keeps for unreachable objects: while nobody waits.

Python's full collection stops every thread, and takes a fifth to half a second where the processor
is wanted by others too: measured in a flood of costly requests, where /healthz waited for it. Here
it is made in a moment when no request is being answered. Python makes it all the same, but as the
last resort: https://docs.python.org/3/library/gc.html#gc.set_threshold
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

# Objects made between two looks at the youngest, so many of these between two at those a little
# older, and so many of those before a full one comes by itself.
THRESHOLDS = (5_000, 10, 500)
REST_SECONDS = 60.0  # between two full collections in quiet moments


class QuietCollector:
    """Full collections of this process, made in quiet moments."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.collected_at = clock()

    def start(self) -> None:
        """Let Python collect seldom; what there is now, which are modules, is looked at no more."""
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)

    def notice_quiet(self) -> None:
        """Nobody waits for an answer: collect, unless it was done in the last minute."""
        now = self._clock()
        if now - self.collected_at < REST_SECONDS:
            return
        gc.collect()
        self.collected_at = self._clock()
