"""Waiting for states: a process that says a word, a question that becomes true; never for a time.

What is waited for comes within seconds on a quiet machine. The bound is for what never comes, and
so far off that no load reaches it.
"""

from __future__ import annotations

import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

PATIENCE_SECONDS = 600
READY = "Ctrl-C stops them"


def free_port() -> int:
    """A port that nobody has, below those that a system gives to whoever asks for any."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    """Return when it is so; fails with what was waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def wait_until(process: subprocess.Popen[str], words: str = READY) -> str:
    """All that was said until these words came; a watchdog ends what never gets there."""
    watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
    watchdog.start()
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if words in line:
            break
    watchdog.cancel()
    assert words in said, said
    return said
