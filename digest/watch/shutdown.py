"""Whether this worker was told to end: a byte that all its processes see.

Only a worker's first process hears the signal; its children go on with their tasks until they look.
"""

from __future__ import annotations

import mmap
from typing import Any

from celery.signals import worker_init, worker_shutting_down
from celery.worker import state

_TOLD = mmap.mmap(-1, 1)  # shared with the children, which are forked from here


@worker_shutting_down.connect
def _note_end(**_: Any) -> None:
    _TOLD[0] = 1


@worker_init.connect
def _note_start(**_: Any) -> None:
    _TOLD[0] = 0


def is_ending() -> bool:
    """Whether a task should come to its end now: what is not begun is left to the next worker."""
    return _TOLD[0] == 1 or state.should_stop is not None
