"""How a worker ends: in limited time, whatever its tasks wait for.

They hear at once that it was told to end (digest/watch/shutdown.py), and leave off within seconds;
but Celery waits without any limit for those that do not. Its soft shutdown has a limit, but tells
the tasks nothing before it is over, and is waited out to the last second.
https://docs.celeryq.dev/en/stable/userguide/workers.html#worker-shutdown
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

from celery import bootsteps
from celery.worker import state

SIGNALS = (signal.SIGTERM, signal.SIGQUIT)
OUT_SECONDS = 7.0  # after the signal; ten are promised, and a busy machine is late with everything
# Then the kernel ends this process, whose threads may have stopped with Python's own end; its
# children end with it, as Celery has them do where the system can.
LAST_SECONDS = 8


class EndInTime(bootsteps.StartStopStep):
    """A step of a worker's start: hears the signals before Celery does."""

    def start(self, worker: Any) -> None:
        """Stand before Celery's own handlers, which were set when the worker's start began."""
        if threading.current_thread() is not threading.main_thread():
            return  # a worker within another program: that one hears the signals
        for number in SIGNALS:
            _stand_before(number, worker)


def _stand_before(number: signal.Signals, worker: Any) -> None:
    """Whatever handles the signal now does so after our part."""
    inner, owner = signal.getsignal(number), os.getpid()

    def handle_signal(signum: int, frame: FrameType | None) -> None:
        if os.getpid() == owner:  # not a child that was forked just now
            _start_timer(worker)
        if callable(inner):
            inner(signum, frame)

    signal.signal(number, handle_signal)


def _start_timer(worker: Any) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LAST_SECONDS)
    names = sorted({str(request.name) for request in tuple(state.active_requests)})
    timer = threading.Timer(OUT_SECONDS, _cut_off, (worker, names))
    timer.daemon = True
    timer.start()


def _cut_off(worker: Any, names: Sequence[str]) -> None:
    """End this process and its children, whatever they are waiting for.

    Every task may be cut off at any moment: what it had begun is taken back or made up for by
    whoever comes next (digest/deliver/stage.py says how for mails).
    """
    for pid in _list_children(worker):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    # As Celery's last words, past the log: the signal may have come while its lock was held.
    tasks = ", ".join(names) or "idle"
    said = f"worker: cut off {OUT_SECONDS} s after it was told to end ({tasks})"
    with suppress(OSError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"\n{said}\n".encode())
    os._exit(0)


def _list_children(worker: Any) -> list[int]:
    """The processes of its pool; none where it has none, or is taking them down just now."""
    with suppress(AttributeError, KeyError, TypeError):
        return [int(pid) for pid in worker.pool.info["processes"]]
    return []
