"""One line in the log for each edition composed, each source asked and each batch handed over.

The sentence is for people; its fields (docs/operate/metrics.md names them) are for what collects
logs (LOG_FORMAT=json). Rows are named by their ids alone: no address, and nothing that a subscriber
wrote.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

logger = logging.getLogger("offprint.activity")


def log_edition(day: date, counts: Mapping[str, int], seconds: float) -> None:
    """What one run composed of an edition: how many deliveries by their status."""
    known = {status: count for status, count in counts.items() if count}
    fields = {"edition": day.isoformat(), **known, "seconds": round(seconds, 3)}
    logger.info(
        "Edition %s was composed for %d: %s.",
        *(day, sum(known.values()), _list_counts(known)),
        extra={"event": "edition", **fields},
    )


def log_source(
    source: int, state: str, counts: Mapping[str, int], seconds: float, sentence: str
) -> None:
    """What one poll of a source came to; `sentence` is the one that staff read beside it."""
    fields = {"source": source, "state": state, **counts, "seconds": round(seconds, 3)}
    logger.info(
        "Source %d is %s (%s): %s",
        *(source, state, _list_counts(counts), sentence),
        extra={"event": "source", **fields, "sentence": sentence},
    )


def log_batch(
    editions: Sequence[date],
    deliveries: Sequence[int],
    outcomes: Sequence[str],
    provider: str,
    seconds: float,
) -> None:
    """What one call to the provider came to: `deliveries` and `outcomes` belong together."""
    days = sorted({day.isoformat() for day in editions})
    counts = Counter(outcomes)
    fields = {"editions": days, "deliveries": list(deliveries), "outcomes": dict(counts)}
    logger.info(
        "Batch of %d for %s to %s: %s in %.3f s (%s).",
        *(len(deliveries), ", ".join(days), provider, _list_counts(counts), seconds),
        _name_deliveries(deliveries),
        extra={"event": "batch", "provider": provider, "seconds": round(seconds, 3), **fields},
    )


def _name_deliveries(ids: Sequence[int]) -> str:
    """One by its id, many by the first and the last."""
    return f"delivery {ids[0]}" if len(ids) == 1 else f"deliveries {min(ids)} to {max(ids)}"


def _list_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "nothing"
