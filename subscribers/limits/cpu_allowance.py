"""How much CPU time one piece of work may use, for what visitors ask and others wait behind.

A count of words or topics bounds the work on a machine as fast as ours; where a machine is slower,
or has far more papers, this bounds it all the same. It is asked between two steps, and what was
left out is told in a sentence.
"""

from __future__ import annotations

import time


class CpuAllowance:
    """CPU seconds of the calling thread, from the moment it is made."""

    def __init__(self, seconds: float, within: CpuAllowance | None = None) -> None:
        """Not beyond that of the work it is part of (`within`), where one is given."""
        ends_at = time.thread_time() + seconds
        self._ends_at: float = min(ends_at, within._ends_at) if within else ends_at

    @property
    def is_spent(self) -> bool:
        return time.thread_time() >= self._ends_at
