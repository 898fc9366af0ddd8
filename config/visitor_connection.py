"""A visitor's connection to the web server (config/web_worker.py): its socket, and its request."""

from __future__ import annotations

import errno
import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn

from config import kernel_calls
from config.incoming import IncomingRequest
from config.slow_readers import slow_readers

SEND_SECONDS = 20  # for a page that the kernel does not take at once, all of it


class VisitorSocket(socket.socket):
    """A connection whose request is there already: its thread waits for nothing but sending."""

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What is there, or the end: whoever answers never waits for a visitor to go on."""
        try:
            return super().recv(size, flags | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return b""

    def setblocking(self, flag: bool) -> None:
        """Nothing: each call here says by itself whether it waits, and for how long."""

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Raises ConnectionError where that takes longer than SEND_SECONDS, or others wait too."""
        rest = memoryview(data)
        with suppress(BlockingIOError):
            rest = rest[super().send(rest, flags | socket.MSG_DONTWAIT) :]
        if rest:
            with slow_readers.wait_for(self):
                self._send_slowly(rest, flags)

    def _send_slowly(self, rest: memoryview, flags: int) -> None:
        self.settimeout(SEND_SECONDS)
        try:
            super().sendall(rest, flags)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "A visitor read too slowly.") from error
        finally:
            self.settimeout(None)


class VisitorConnection(TConn):  # type: ignore[misc]
    """A connection, and the request that is coming in on it."""

    def __init__(self, worker: Any, sock: socket.socket, client: Any, server: Any):
        visitor = VisitorSocket(sock.family, sock.type, sock.proto, fileno=sock.detach())
        super().__init__(worker.cfg, visitor, client, server)
        self.parser: Any = None
        self.worker = worker
        self.must_close = False
        self.is_polled = False
        self.incoming = IncomingRequest(time.monotonic())

    def close(self, graceful: bool = False) -> None:
        if graceful:
            self.worker.linger(self)
        else:
            kernel_calls.close(self.sock)

    def end_request(self) -> None:
        """What was asked is answered: what came behind it is the next request."""
        _, rest = self.incoming.split()
        self.incoming = IncomingRequest(time.monotonic(), rest)

    def take_request(self) -> None:
        """Let the thread that answers find the request's bytes, and nothing behind them."""
        if self.parser is None:
            self.parser = http.get_parser(self.cfg, self.sock, self.client)
        whole, rest = self.incoming.split()
        self.parser.unreader.unread(whole)
        self.must_close = self.incoming.leaves_body
        self.initialized = True
        self.incoming = IncomingRequest(time.monotonic(), rest)

    def send_now(self, text: bytes) -> bool:
        """Send a few bytes if that is possible at once; whether all of them are sent."""
        with suppress(OSError):  # whoever has hung up misses nothing
            return kernel_calls.send(self.sock, text) == len(text)
        return False
