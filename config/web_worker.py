"""gunicorn's threads, given whole requests only: no visitor who is slow holds one.

gunicorn's own gthread reads a request in the thread that answers it, and closes connections in the
loop that accepts them. So as many half-sent requests as there are threads stop the site, and a few
clients that never hang up stop the loop (measured in docs/operate/growth.md). Here the loop gathers
a request, head and body, without waiting for anybody, and hands it over when it is whole. What
takes too long is closed, and so is whoever waits longest where there is no room for another. It
answers /healthz by itself, so that no thread is needed for that.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from config import kernel_calls
from config.garbage import QuietCollector
from config.loop_queue import LoopQueue
from config.visitor_connection import VisitorConnection

RECEIVE_BYTES = 65_536
SWEEP_SECONDS, TELL_SECONDS = 0.5, 1.0
MOST_ACCEPTED = 4  # in one turn of the loop; the other processes have theirs
# What one process keeps of requests that are not whole.
MOST_BUFFERED = 64_000_000
# The kernel takes most pages whole, so that hardly a thread waits for a slow reader at all.
SEND_BUFFER = 400_000
LINGER_SECONDS, MOST_LINGERING = 2.0, 200
# As digest/web/health.py has it.
HEALTHY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n"
    b"X-Content-Type-Options: nosniff\r\nConnection: %s\r\nContent-Length: 2\r\n\r\nok"
)
_NO_CLIENT = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)
_NO_ROOM = (errno.EMFILE, errno.ENFILE)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """gthread with whole requests; what is not said to be in a thread runs in the loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[VisitorConnection, None] = {}  # the longest first
        self.lingering: dict[VisitorConnection, float] = {}  # until when
        self.buffered = 0
        self.swept_at = 0.0
        self.addresses: dict[int, Any] = {}  # of the listeners, by their descriptors
        # Where kept pages leave (config/kept_pages.py): whether it takes a connection's request.
        self.take_kept: Callable[[VisitorConnection], bool] = lambda _: False
        self.collector = QuietCollector()
        self.poller: Any = None
        self.method_queue = LoopQueue()
        self.told_at = 0.0
        self.ends_at = 0.0  # once it was told to end

    def set_accept_enabled(self, enabled: bool) -> None:
        for listener in self.sockets:
            if listener.fileno() not in self.addresses:
                # Whatever is accepted inherits it.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
                self.addresses[listener.fileno()] = listener.getsockname()
        super().set_accept_enabled(enabled)

    def run(self) -> None:
        self.poller.close()
        self.poller = kernel_calls.make_poller()
        self.collector.start()
        super().run()

    def notify(self) -> None:
        """Tell the master that the loop goes round, once a second and not at each turn."""
        now = time.monotonic()
        if now - self.told_at >= TELL_SECONDS:
            self.told_at = now
            super().notify()

    @property
    def is_answering(self) -> bool:
        """Whether a whole request waits for its answer."""
        return bool(self.nr_conns > len(self.waiting) + len(self.keepalived_conns))

    @property
    def may_keep_open(self) -> bool:
        """Whether one more connection can be kept for its next request."""
        return bool(self.alive and len(self.keepalived_conns) < self.max_keepalived)

    def accept(self, listener: Any) -> None:
        """Whoever is at the door comes in, several at once and not one in each turn of the loop."""
        for _ in range(MOST_ACCEPTED):
            if not self._accept_one(listener):
                return

    def _accept_one(self, listener: Any) -> bool:
        try:
            sock, client = kernel_calls.accept(listener)
        except OSError as error:
            if error.errno in _NO_ROOM and self.waiting:
                self._drop(next(iter(self.waiting)), b"")
            elif error.errno not in (*_NO_CLIENT, *_NO_ROOM):
                raise
            return False
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections and self.waiting:
            self._drop(next(iter(self.waiting)), b"")
        address = self.addresses.get(listener.fileno(), "")
        self._await_request(VisitorConnection(self, sock, client, address))
        return bool(self.nr_conns < self.worker_connections)

    def on_client_socket_readable(self, conn: VisitorConnection, client: Any) -> None:
        """The next request on a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_request(conn)

    def finish_request(self, conn: VisitorConnection, fs: Any) -> None:
        """As gthread's; and what a client sent ahead is its next request."""
        super().finish_request(conn, fs)
        if conn.incoming.has_begun and conn in self.keepalived_conns:
            self.on_client_socket_readable(conn, conn.sock)

    def answer(self, conn: VisitorConnection) -> None:
        """Let a thread of the pool answer the request that came in, from whichever thread."""
        conn.take_request()
        self.enqueue_req(conn)

    def finish_kept(self, answered: Sequence[VisitorConnection], lost: Sequence[Any] = ()) -> None:
        """In the loop: those that were answered may ask again, and those that hung up are gone."""
        for conn in answered:
            conn.end_request()
            conn.set_timeout()
            self.keepalived_conns.append(conn)
            self.poller.register(
                conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn)
            )
            if conn.incoming.has_begun:
                self.on_client_socket_readable(conn, conn.sock)
        for conn in lost:
            self.nr_conns -= 1
            conn.close()

    def _keepalive_after(self, conn: VisitorConnection, keepalive: bool) -> bool:
        """In the thread: a connection on which a body was left is not used again."""
        return not conn.must_close and super()._keepalive_after(conn, keepalive)

    def murder_pending(self) -> None:
        """Called in each turn of the loop: end whatever has taken too long."""
        super().murder_pending()
        now = time.monotonic()
        if now - self.swept_at < SWEEP_SECONDS:
            return
        self.swept_at = now
        for conn in [conn for conn in self.waiting if conn.incoming.is_late(now)]:
            self._drop(conn, conn.incoming.say_late())
        if not self.alive:
            self._drop_silent(now)
        for conn in [conn for conn, ends_at in self.lingering.items() if ends_at < now]:
            self._end_lingering(conn)
        if not self.is_answering:
            self.collector.notice_quiet()

    def _drop_silent(self, now: float) -> None:
        """While the process ends: whoever came before that and has sent nothing has this long."""
        self.ends_at = self.ends_at or now + STOP_KEEPALIVE_LINGER
        if now >= self.ends_at:
            for conn in [conn for conn in self.waiting if not conn.incoming.has_begun]:
                self._drop(conn, b"")

    def _await_request(self, conn: VisitorConnection) -> None:
        self.waiting[conn] = None
        self.buffered += conn.incoming.size
        try:
            conn.incoming.begin_at(time.monotonic())
            # Most requests are there already: they are taken without asking the poller first.
            if conn.incoming.has_begun:
                self._go_on(conn)
            if conn in self.waiting:
                self._receive(conn)
            if conn in self.waiting:
                poll = partial(self._on_readable, conn)
                self.poller.register(conn.sock, selectors.EVENT_READ, poll)
                conn.is_polled = True
        except Exception:
            self._end_faulty(conn)

    def _on_readable(self, conn: VisitorConnection, _sock: Any) -> None:
        if conn not in self.waiting:
            return  # dropped in this turn of the loop, after it was seen to be readable
        try:
            self._receive(conn)
        except Exception:
            self._end_faulty(conn)

    def _end_faulty(self, conn: VisitorConnection) -> None:
        """Of whatever kind it is: a fault with one visitor ends nobody else's process."""
        self.log.exception("A request could not be taken in.")
        if conn in self.waiting:
            self._drop(conn, b"")

    def _receive(self, conn: VisitorConnection) -> None:
        try:
            data = kernel_calls.receive(conn.sock, RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn, b"")
            return
        before = conn.incoming.size
        try:
            conn.incoming.add(data, time.monotonic())
        finally:
            self.buffered += conn.incoming.size - before
        self._go_on(conn)

    def _go_on(self, conn: VisitorConnection) -> None:
        """Hand the request over where it is whole; refuse what never will be."""
        incoming = conn.incoming
        if incoming.refusal:
            self._drop(conn, incoming.refusal)
        elif incoming.is_whole:
            self._hand_over(conn)
        else:
            if incoming.wants_to_be_asked():
                conn.send_now(b"HTTP/1.1 100 Continue\r\n\r\n")
            if self.buffered > MOST_BUFFERED:
                self._drop(max(self.waiting, key=lambda one: one.incoming.size), b"")

    def _hand_over(self, conn: VisitorConnection) -> None:
        """Let the request, which is whole, be answered."""
        self._stop_waiting(conn)
        if conn.incoming.asks_for_health:
            self._say_healthy(conn)
        elif not self.may_keep_open or not self.take_kept(conn):
            self.answer(conn)

    def _say_healthy(self, conn: VisitorConnection) -> None:
        """The loop answers by itself: however busy all threads are, this process lives."""
        stays = conn.incoming.may_stay_open and self.may_keep_open
        is_sent = conn.send_now(HEALTHY % (b"keep-alive" if stays else b"close"))
        if stays and is_sent:
            # In a later turn: behind it may be such a question again, and a thousand more.
            self.method_queue.defer(self.finish_kept, [conn])
        else:
            self.nr_conns -= 1
            self.linger(conn)

    def _stop_waiting(self, conn: VisitorConnection) -> None:
        del self.waiting[conn]
        self.buffered -= conn.incoming.size
        if conn.is_polled:
            self.poller.unregister(conn.sock)
            conn.is_polled = False

    def _drop(self, conn: VisitorConnection, last_words: bytes) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        if last_words:
            conn.send_now(last_words)
            self.linger(conn)
        else:
            conn.close()

    def linger(self, conn: VisitorConnection) -> None:
        """Close once the visitor has read the answer (RFC 9112, 9.6), without waiting for it."""
        try:
            kernel_calls.end_sending(conn.sock)
            if len(self.lingering) >= MOST_LINGERING:
                self._end_lingering(next(iter(self.lingering)))
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_last_data, conn))
            self.lingering[conn] = time.monotonic() + LINGER_SECONDS
        except (OSError, ValueError, KeyError):
            conn.close()

    def _on_last_data(self, conn: VisitorConnection, _sock: Any) -> None:
        if conn not in self.lingering:
            return
        try:
            data = kernel_calls.receive(conn.sock, RECEIVE_BYTES)
        except OSError:
            data = b""
        if not data:
            self._end_lingering(conn)

    def _end_lingering(self, conn: VisitorConnection) -> None:
        del self.lingering[conn]
        self.poller.unregister(conn.sock)
        conn.close()
