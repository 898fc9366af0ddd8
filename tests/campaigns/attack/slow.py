"""Clients that send half a request and wait, in four kinds, and what a visitor waits meanwhile."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

KINDS = ("half a head", "half a body", "no byte", "the next head")
TRICKLE_SECONDS = 2.0
VISITOR_SECONDS = 30.0
PAUSE_SECONDS = 0.02
GOOD = b"HTTP/1.1 200"


@dataclass(frozen=True)
class Wait:
    """How long a visitor's requests took, in milliseconds, and how many got no good answer."""

    median: float
    p95: float
    failed: int

    def __str__(self) -> str:
        return f"{self.median:.0f} / {self.p95:.0f} ms" + (
            f", {self.failed} without an answer" if self.failed else ""
        )


class SlowClients:
    """So many connections that never send a whole request, renewed where they are closed."""

    def __init__(self, port: int, kind: str, count: int, path: str = "/subscribe/") -> None:
        self._port, self._kind, self._count, self._path = port, kind, count, path
        self._lines: list[socket.socket] = []
        self._over = Event()
        self._thread = Thread(target=self._keep_up, daemon=True)
        self.closed = 0

    def _open(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self._port), timeout=5)
        host = "Host: localhost\r\n"
        if self._kind == "half a head":
            line.sendall(f"GET / HTTP/1.1\r\n{host}X-Slow: a".encode())
        elif self._kind == "half a body":
            head = f"POST {self._path} HTTP/1.1\r\n{host}Content-Length: 50000\r\n"
            form = "Content-Type: application/x-www-form-urlencoded\r\n\r\nemail="
            line.sendall((head + form).encode())
        elif self._kind == "the next head":
            line.sendall(f"GET /healthz HTTP/1.1\r\n{host}\r\nGET / HTTP/1.1\r\n{host}X".encode())
        line.setblocking(False)
        return line

    def _keep_up(self) -> None:
        while not self._over.wait(TRICKLE_SECONDS):
            kept = [line for line in self._lines if self._trickle(line)]
            self.closed += len(self._lines) - len(kept)
            self._lines = kept
            self._open_all()

    def _open_all(self) -> None:
        while len(self._lines) < self._count and not self._over.is_set():
            try:
                self._lines.append(self._open())
            except OSError:
                return  # no room for another: that is what they are here for

    def _trickle(self, line: socket.socket) -> bool:
        """Send a byte more, so that they are no idle ones; False where the line is closed."""
        try:
            while data := line.recv(65_536):
                if not data:
                    return False
        except BlockingIOError:
            pass
        except OSError:
            return False
        else:
            return False
        try:
            if self._kind != "no byte":
                line.send(b"a")
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True

    def __enter__(self) -> SlowClients:
        self._open_all()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for line in self._lines:
            line.close()


def visit(port: int, path: str, seconds: float) -> Wait:
    """Ask for this path again and again, as one visitor, for so long."""
    ends_at, times, failed = time.monotonic() + seconds, [], 0
    while time.monotonic() < ends_at:
        began = time.monotonic()
        failed += not _ask(port, path)
        times.append((time.monotonic() - began) * 1000)
        time.sleep(PAUSE_SECONDS)
    return Wait(statistics.median(times), _find_p95(times), failed)


def _ask(port: int, path: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=VISITOR_SECONDS) as line:
            head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            line.sendall(head.encode())
            answer = b""
            while data := line.recv(65_536):
                answer += data
            return answer.startswith(GOOD)
    except OSError:
        return False


def _find_p95(times: Sequence[float]) -> float:
    ordered = sorted(times)
    return ordered[int(0.95 * (len(ordered) - 1))]


@contextmanager
def slow_clients(port: int, count: int, kinds: Sequence[str] = KINDS) -> Iterator[None]:
    """So many of them altogether, of each kind as many."""
    each = [SlowClients(port, kind, count // len(kinds)) for kind in kinds]
    for clients in each:
        clients.__enter__()
    try:
        yield
    finally:
        for clients in each:
            clients.__exit__()
