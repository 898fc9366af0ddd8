"""Visitors who don't read what they asked for: only few threads of a process wait for them.

The kernel takes one page whole (SEND_BUFFER in config/web_worker.py), but not twenty that are asked
for one behind the other by somebody who reads none of them. A thread would wait for that one's
room until SEND_SECONDS are over, outside of its lane: as many such connections as there are threads
stopped the site, but for /healthz.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

MOST_SLOW = 4  # more threads than the lanes need (gunicorn.conf.py)


class SlowReaders:
    """Those whom this process's threads wait for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waited_for: dict[socket.socket, None] = {}  # the longest first

    @contextmanager
    def wait_for(self, sock: socket.socket) -> Iterator[None]:
        """A thread waits for this one in the block; where they are too many, the first is dropped.

        What is sent to whoever was dropped raises BrokenPipeError in the thread that sends.
        """
        with self._lock:
            self._waited_for[sock] = None
            if len(self._waited_for) > MOST_SLOW:
                self._drop_first()
        try:
            yield
        finally:
            with self._lock:
                self._waited_for.pop(sock, None)

    def _drop_first(self) -> None:
        first = next(iter(self._waited_for))
        del self._waited_for[first]
        with suppress(OSError):  # it has hung up
            first.shutdown(socket.SHUT_RDWR)


slow_readers = SlowReaders()
