"""How much CPU time one network may use for pages that are made for it, counted in the cache.

A limit of requests says little where one costs a hundred times as much as another. What is counted
is the time of the thread that answers; that of the database goes unseen.
"""

from __future__ import annotations

from datetime import datetime

from subscribers import forgiving_cache

WINDOW_SECONDS = 300
# A tenth of a processor. A page costs some 20 ms: a seminar behind one address stays far below.
SECONDS_PER_NETWORK = 30.0
# What costs less is not counted: counting it would cost as much.
_LEAST_SECONDS = 0.002


def find_wait(network: str, now: datetime) -> int:
    """In how many seconds this network may ask again; 0 where it may now."""
    used = forgiving_cache.read_value(_make_key(network, now)) or 0
    if used < SECONDS_PER_NETWORK * 1000:
        return 0
    return WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS


def count_seconds(network: str, seconds: float, now: datetime) -> None:
    """Note that an answer to this network took so many CPU seconds."""
    if seconds >= _LEAST_SECONDS:
        milliseconds = round(seconds * 1000)
        forgiving_cache.increment_counter(_make_key(network, now), WINDOW_SECONDS, milliseconds)


def _make_key(network: str, now: datetime) -> str:
    return f"cpu:{network}:{int(now.timestamp()) // WINDOW_SECONDS}"
