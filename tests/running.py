"""The service in a process of its own: a port for it, and what it said until it was up."""

from __future__ import annotations

import socket
import subprocess
import threading

PATIENCE_SECONDS = 120
READY = "Ctrl-C stops them"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


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
