"""What is asked of a run of delivery, and what it reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.deliver.claims import CHUNK

MOST_AT_ONCE = 500


@dataclass
class DeliverReport:
    """What became of the rows that were taken, by status, and why it stopped early if it did.

    `waits_until` is the end of a provider's pause, where that is why.
    """

    counts: Counter[str] = field(default_factory=Counter)
    stopped: str = ""
    waits_until: datetime | None = None


@dataclass(frozen=True)
class RunOptions:
    """What whoever starts a run asks of it."""

    size: int = CHUNK  # rows claimed together
    patience: timedelta = timedelta(0)  # a pause up to so long is waited out
    keep_going: Callable[[], bool] = lambda: True  # else nothing more is begun
    is_ending: Callable[[], bool] = lambda: False  # the process must be out within ten seconds
    on_more: Callable[[], None] = lambda: None  # told once that there is work for others too
    progress: Callable[[int], None] = lambda _: None  # told how many rows are done with

    @property
    def most(self) -> int:
        """Rows claimed together where they soon leave; whoever asks for a size gets no more."""
        return MOST_AT_ONCE if self.size == CHUNK else self.size
