"""Costly answers of public pages are worked out one after another, whoever asks and how many.

So a flood of them takes one processor of all that a site has, and never every thread of a process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from uuid import uuid4

from subscribers import forgiving_cache

_KEY = "one-at-a-time"
# A process that dies within its turn blocks the others for so long.
LONGEST_SECONDS = 10
_LOOKS_AGAIN_SECONDS = 0.05
_own = Lock()
# Of a process's few threads one may stand in the queue.
_queue = BoundedSemaphore(1)


@contextmanager
def turn(patience_seconds: float = 0.0) -> Iterator[bool]:
    """Whether it is the caller's turn, for the length of a block; waits so long, if it may."""
    ticket = uuid4().hex
    is_ours = _take(ticket) or (patience_seconds > 0 and _wait(ticket, patience_seconds))
    try:
        yield is_ours
    finally:
        if is_ours:
            _give_back(ticket)
            _own.release()


def _give_back(ticket: str) -> None:
    """Free the turn, unless it took too long and is another's by now."""
    if forgiving_cache.read_value(_KEY) == ticket:
        forgiving_cache.delete_value(_KEY)


def _wait(ticket: str, patience_seconds: float) -> bool:
    if not _queue.acquire(blocking=False):
        return False
    try:
        end = time.monotonic() + patience_seconds
        while time.monotonic() < end:
            time.sleep(_LOOKS_AGAIN_SECONDS)
            if _take(ticket):
                return True
        return False
    finally:
        _queue.release()


def _take(ticket: str) -> bool:
    """The turn of this process, and of all that share its cache; without the cache of this one."""
    if not _own.acquire(blocking=False):
        return False
    is_free = forgiving_cache.add_value(_KEY, ticket, LONGEST_SECONDS)
    if is_free is False:
        _own.release()
    return is_free is not False
