"""How long one call to a mail server or an email provider may take, all its bytes together.

The time-outs of requests, boto3 and smtplib begin anew with every read, so that a server which
sends one byte at a time is never left
(https://requests.readthedocs.io/en/latest/user/quickstart/#timeouts). Here a clock runs beside the
call, and shuts its connections when the time is over.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from django.utils.translation import gettext as _

CALL_SECONDS = 60.0  # three tries of a call, and the pauses between, stay within a claim's lease
# Of a call with one mail: whoever waits for it sends nothing else, and others wait behind it.
ONE_MAIL_SECONDS = 15.0


class CallTooLong(TimeoutError):
    """The answer did not end in time: what it was about may have been done."""


class CallLimit:
    """Watches the connections of one mail backend, and ends each call that takes too long."""

    def __init__(self, seconds: float = CALL_SECONDS) -> None:
        self.seconds = seconds
        self.is_over = False  # the present call, or the last one, was ended
        self.has_sent = False  # a byte of it left, or may have
        self.sees_all = False  # set where every byte that leaves is seen
        self._call, self._ends_at = 0, 0.0
        self._within = seconds  # what the present call, or the last one, was given
        self._leaves_at = 0.0
        self.late_by = 0.0  # seconds after its moment at which the present call, or the last, left
        # A connection is kept from call to call, and ours is no reason to hold it open.
        self._sockets: WeakSet[socket.socket] = WeakSet()
        # While TLS is agreed on, the plain socket is gone and the new one not there yet: a second
        # handle on the connection reaches it then, and is closed with the call.
        self._handles: list[socket.socket] = []
        self._lock = threading.Lock()

    @contextmanager
    def limit_call(self, at_most: float = float("inf")) -> Iterator[None]:
        """Let what happens within take `seconds`, or `at_most` so many.

        Raises CallTooLong where it seemed to end well after that.

        An error that comes of the connections' end is left as it is: it tells how far it got.
        """
        with self._lock:
            self._call += 1
            self.is_over, self.has_sent = False, not self.sees_all
            self._within = min(self.seconds, at_most)
            self._ends_at = time.monotonic() + self._within
        timer = threading.Timer(self._within, self._end_call, (self._call,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._close_handles()
        if self.is_over:
            raise CallTooLong(self.describe_end())

    def end_within(self, seconds: float) -> None:
        """Let the present call, and any later one, take no longer than this from now."""
        with self._lock:
            self.seconds = min(self.seconds, seconds)
            self._within = min(self._within, seconds)
            call = self._call
        timer = threading.Timer(seconds, self._end_call, (call,))
        timer.daemon = True
        timer.start()

    def describe_end(self) -> str:
        said = _("The answer did not end within %(seconds)s seconds.")
        return said % {"seconds": f"{self._within:.3g}"}

    def watch_socket(self, connected: socket.socket) -> None:
        """Let the end of a call reach this connection; ended at once where the time is over."""
        with self._lock:
            self._sockets.add(connected)
            if self.is_over:
                _shut_socket(connected)

    def hold_back(self, moment: float) -> None:
        """Let no byte of the next call leave before that second of the monotonic clock.

        It is prepared meanwhile, so that calls leave as evenly as they are told to.
        """
        self._leaves_at, self.late_by = moment, 0.0
        if not self.sees_all:
            self._wait_to_leave()

    def note_bytes(self) -> None:
        """Take note that bytes leave now; they wait here where they are held back."""
        self._wait_to_leave()
        self.has_sent = True

    def _wait_to_leave(self) -> None:
        if not self._leaves_at:
            return
        if (seconds := self._leaves_at - time.monotonic()) > 0:
            time.sleep(seconds)
        self.late_by = time.monotonic() - self._leaves_at
        self._leaves_at = 0.0

    def connect_socket(
        self, host: str, port: int, timeout: Any, options: Sequence[Any] = ()
    ) -> socket.socket:
        """As socket.create_connection, but all addresses of the host in one call's time."""
        last: OSError | None = None
        for address in look_up_host(host, port, self._remaining):
            within = min(timeout, self._remaining) if is_seconds(timeout) else self._remaining
            try:
                connected = socket.create_connection((address, port), within)
            except OSError as error:
                last = error
                continue
            connected.settimeout(timeout if is_seconds(timeout) else None)
            for option in options:
                connected.setsockopt(*option)
            with self._lock:
                self._handles.append(connected.dup())
            return connected
        raise last or OSError("no address")

    @property
    def _remaining(self) -> float:
        """Seconds left, never quite zero: to sockets, zero means something else."""
        return max(0.01, self._ends_at - time.monotonic())

    def _end_call(self, call: int) -> None:
        with self._lock:
            if call != self._call:
                return  # it ended while we were on our way
            self.is_over = True
            for connected in [*self._sockets, *self._handles]:
                _shut_socket(connected)

    def _close_handles(self) -> None:
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()


def is_seconds(timeout: object) -> bool:
    """Whether a time-out is a number, and neither none nor a library's own word for its default."""
    return isinstance(timeout, int | float) and not isinstance(timeout, bool)


def look_up_host(host: str, port: int, seconds: float) -> list[str]:
    """Look a host up in a thread of its own: the system's look-up knows no time limit."""
    addresses: list[str] = []
    errors: list[OSError] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            errors.append(socket.gaierror(str(error)))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors or not addresses:
        raise errors[0] if errors else socket.gaierror("the look-up took too long")
    return addresses


def _shut_socket(connected: socket.socket) -> None:
    with suppress(OSError):
        # Of the plain class: that of TLS would let the reader go on in plain text.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
