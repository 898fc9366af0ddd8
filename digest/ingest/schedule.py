"""When a source is asked again: often enough, never too often, and ever later while it fails."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from digest.models import Source

AT_LEAST = timedelta(minutes=30)
AT_MOST = timedelta(hours=24)
EVERY = {
    Source.Kind.HUGGINGFACE: timedelta(minutes=60),  # its votes change all day
    Source.Kind.ARXIV: timedelta(minutes=45),
    Source.Kind.FEED: timedelta(minutes=60),
}
JITTER = 0.1  # of the wait, so that sources added together drift apart
SOON = timedelta(minutes=2)


def after_success(source: Source, now: datetime, retry_after: timedelta | None = None) -> datetime:
    wait = EVERY[Source.Kind(source.kind)] * (1 + JITTER * _chance(source))
    return now + max(wait, retry_after or timedelta(0))


def after_failure(
    source: Source, failures: int, now: datetime, retry_after: timedelta | None
) -> datetime:
    """Twice as long after each failure in a row, up to a day; longer where the host says so."""
    doubled: timedelta = AT_LEAST * 2 ** min(failures - 1, 10)
    wait = min(doubled, AT_MOST / (1 + JITTER))
    wait *= 1 + JITTER * _chance(source)
    return now + max(wait, retry_after or timedelta(0))


def _chance(source: Source) -> float:
    """Between 0 and 1, the same at every call for one source and count of failures."""
    return random.Random(f"{source.pk}:{source.failures}").random()
