"""A limit for what public pages compute at length: one at a time, over all processes of a site.

So a flood of such requests takes one processor of all that a site has, and never every thread of a
process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from uuid import uuid4

from subscribers import forgiving_cache

_KEY = "one-at-a-time"
# A process that dies while it holds the slot blocks the others for so long.
LONGEST_SECONDS = 10
_POLL_SECONDS = 0.05
_process_lock = Lock()
# Of a process's few threads one may wait for the slot.
_queue = BoundedSemaphore(1)


@contextmanager
def limit_concurrency(patience_seconds: float = 0.0) -> Iterator[bool]:
    """Hold the site's one slot for the length of a block; yields whether the caller got it.

    Waits `patience_seconds` for it at most. Who did not get it should not compute.
    """
    ticket = uuid4().hex
    has_slot = _take_slot(ticket)
    if not has_slot and patience_seconds > 0:
        has_slot = _wait_for_slot(ticket, patience_seconds)
    try:
        yield has_slot
    finally:
        if has_slot:
            _release_slot(ticket)
            _process_lock.release()


def _release_slot(ticket: str) -> None:
    """Free the slot, unless it was held too long and is another's by now."""
    if forgiving_cache.read_value(_KEY) == ticket:
        forgiving_cache.delete_value(_KEY)


def _wait_for_slot(ticket: str, patience_seconds: float) -> bool:
    if not _queue.acquire(blocking=False):
        return False
    try:
        end = time.monotonic() + patience_seconds
        while time.monotonic() < end:
            time.sleep(_POLL_SECONDS)
            if _take_slot(ticket):
                return True
        return False
    finally:
        _queue.release()


def _take_slot(ticket: str) -> bool:
    """Take the slot of this process and of all that share its cache; without a cache the first."""
    if not _process_lock.acquire(blocking=False):
        return False
    is_free = forgiving_cache.add_value(_KEY, ticket, LONGEST_SECONDS)
    if is_free is False:
        _process_lock.release()
    return is_free is not False
