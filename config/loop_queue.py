"""What threads ask the web server's loop to do (config/web_worker.py)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from config import kernel_calls

# So many calls, and then whoever waits at the door has a turn. Some have no byte in the pipe, since
# it was full.
MOST_AT_ONCE, MORE = 50, 10


class LoopQueue:
    """In the place of gunicorn's PollableMethodQueue; it never gives the loop's turn away."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._ends: tuple[int, int] | None = None

    def init(self) -> None:
        """In the process whose loop it is: open the pipe that wakes it."""
        self._ends = os.pipe()
        for end in self._ends:
            os.set_blocking(end, False)

    def fileno(self) -> int:
        """What the loop's poller watches."""
        assert self._ends is not None
        return self._ends[0]

    def defer(self, call: Callable[..., None], *args: Any) -> None:
        """From whichever thread: let the loop make this call soon."""
        self._asked.put(partial(call, *args))
        if ends := self._ends:
            with suppress(OSError):  # full: then it is awake
                kernel_calls.write(ends[1], b"\0")

    def run_callbacks(self, _readable: Any) -> None:
        """In the loop: make the calls that were asked for, the first first."""
        woken = b""
        with suppress(OSError):
            woken = kernel_calls.read(self.fileno(), MOST_AT_ONCE)
        with suppress(Empty):
            for _ in range(len(woken) + MORE):
                self._asked.get_nowait()()

    def close(self) -> None:
        ends, self._ends = self._ends, None  # first, or a thread writes to who got the number next
        for end in ends or ():
            os.close(end)
