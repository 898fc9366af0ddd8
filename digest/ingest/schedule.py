"""When a source is asked again: often enough, never too often, and ever later while it fails."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from digest.models import Source

FIRST_BACKOFF = timedelta(minutes=30)
LONGEST_BACKOFF = timedelta(hours=24)
INTERVALS = {
    Source.Kind.HUGGINGFACE: timedelta(minutes=60),  # its votes change all day
    Source.Kind.ARXIV: timedelta(minutes=45),
    Source.Kind.FEED: timedelta(minutes=60),
}
JITTER = 0.1  # of the wait at most, so that sources added together drift apart
BUSY_RETRY = timedelta(minutes=2)  # after which a source is asked whose host had no turn free


def schedule_after_success(
    source: Source, now: datetime, retry_after: timedelta | None = None
) -> datetime:
    """After the interval of the source's kind; later where the host says so."""
    wait = INTERVALS[Source.Kind(source.kind)] * (1 + JITTER * _draw_jitter(source))
    return now + max(wait, retry_after or timedelta(0))


def schedule_after_failure(
    source: Source, failures: int, now: datetime, retry_after: timedelta | None
) -> datetime:
    """Twice as long after each failure in a row, up to a day; longer where the host says so."""
    doubled: timedelta = FIRST_BACKOFF * 2 ** min(failures - 1, 10)
    wait = min(doubled, LONGEST_BACKOFF / (1 + JITTER))
    wait *= 1 + JITTER * _draw_jitter(source)
    return now + max(wait, retry_after or timedelta(0))


def _draw_jitter(source: Source) -> float:
    """Between 0 and 1, the same at every call for one source and count of failures."""
    return random.Random(f"{source.pk}:{source.failures}").random()
