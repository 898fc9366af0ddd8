"""Kept pages leave by one thread of each web process, many for one look at what they show.

A page that was rendered once for all (digest/web/shared_pages.py) costs little: what it cost a
visitor was a thread of the pool to be woken, gunicorn's parser, Django's handler and a question to
the database, each for one page. Here whatever was asked for while the last pages left is answered
together: the database is asked once whether they still show what is so, after all of these
requests had come. So nobody gets a page that is older than their question, and the more ask the
less each costs.

The bytes are those that gunicorn and Django send (tests/config/test_kept_pages.py). Whatever is not
a plain request for a page that is there goes on to the pool as if this were not here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from types import SimpleNamespace
from typing import Any

import gunicorn
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, close_old_connections
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import resolve
from gunicorn.util import http_date

from config import kernel_calls
from config.page_request import read_page_request
from config.request_metrics import RequestMetricsMiddleware
from config.visitor_connection import VisitorConnection
from config.web_worker import PatientWorker
from digest.web.packed_page import PackedPage
from digest.web.shared_pages import (
    find_page_here,
    make_address,
    make_stamp,
    may_be_here,
    read_state,
)

MOST_AT_ONCE = 64
CHECK_SECONDS = 5.0  # the connection to the database is looked at as often as this
logger = logging.getLogger(__name__)
_Asked = tuple[VisitorConnection, WSGIRequest]


def start_answering(worker: Any) -> None:
    """Let this web process answer with kept pages so, where its connections are plain ones."""
    cfg = worker.cfg
    is_plain = not cfg.is_ssl and cfg.proxy_protocol in (False, "off") and cfg.keepalive
    if isinstance(worker, PatientWorker) and is_plain:
        counter = KeptPageThread(worker)
        worker.take_kept = counter.take
        Thread(target=counter.run, name="kept-pages", daemon=True).start()


class KeptPageThread:
    """Takes requests in the loop of a web process, and answers them in a thread of its own."""

    def __init__(self, worker: PatientWorker) -> None:
        self._worker = worker
        self._asked: SimpleQueue[_Asked] = SimpleQueue()
        self._security = SecurityMiddleware(lambda _: HttpResponse())
        self._checked_at = time.monotonic()

    def take(self, conn: VisitorConnection) -> bool:
        """In the loop: whether the request is for a page that is here, and will be answered."""
        request = read_page_request(conn.incoming.read_whole(), settings.SESSION_COOKIE_NAME)
        if request is None or not may_be_here(make_address(request)):
            return False
        self._asked.put((conn, request))
        return True

    def run(self) -> None:
        """Answer whoever asks, for ever."""
        while True:
            for conn in self.answer_waiting():
                self._worker.answer(conn)

    def answer_waiting(self) -> list[VisitorConnection]:
        """Wait for somebody, answer all who have asked, and return those that the pool has to."""
        asked = [self._asked.get()]
        with suppress(Empty):
            while len(asked) < MOST_AT_ONCE:
                asked.append(self._asked.get_nowait())
        state = self._read_state()
        answered, lost, others = [], [], list[VisitorConnection]()
        for conn, request in asked:
            answer = self._make_answer_or_none(request, state)
            if answer is None:
                others.append(conn)
            elif (sent := _send_now(conn, answer)) is None:
                lost.append(conn)
            elif sent < len(answer):
                self._send_rest(conn, answer[sent:])
            else:
                answered.append(conn)
        self._worker.method_queue.defer(self._worker.finish_kept, answered, lost)
        return others

    def _read_state(self) -> str | None:
        if time.monotonic() - self._checked_at > CHECK_SECONDS:
            close_old_connections()
            self._checked_at = time.monotonic()
        try:
            if state := read_state():
                return state
        except InterfaceError:  # the connection is closed
            pass
        except Exception:  # of whatever kind: this thread must live, and the pool answers meanwhile
            logger.exception("It could not be read what kept pages show.")
        close_old_connections()
        return None

    def _make_answer_or_none(self, request: WSGIRequest, state: str | None) -> bytes | None:
        try:
            return self._make_answer(request, state)
        except Exception:  # of whatever kind: the pool answers as it always did
            logger.exception("A kept page could not be answered with.")
            return None

    def _make_answer(self, request: WSGIRequest, state: str | None) -> bytes | None:
        """All bytes of the answer; None where the pool has to make it."""
        began = time.perf_counter()
        page = find_page_here(make_address(request), state) if state else None
        if page is None or not _is_for_us(request) or self._security.process_request(request):
            return None
        respond: Callable[[Any], Any] = partial(self._make_response, page)
        if settings.METRICS_PORT:
            request.resolver_match = resolve(request.path_info)
            respond = RequestMetricsMiddleware(respond)
        response = respond(request)
        self._log_access(request, response, time.perf_counter() - began)
        return write_answer(response)

    def _make_response(self, page: PackedPage, request: WSGIRequest) -> HttpResponse:
        response = page.make_response(request, make_stamp())
        secured: HttpResponse = self._security.process_response(request, response)
        return secured

    def _log_access(self, request: WSGIRequest, response: HttpResponse, seconds: float) -> None:
        log = self._worker.log
        if not log.access_log.isEnabledFor(logging.INFO):
            return
        told = SimpleNamespace(
            status=str(response.status_code),
            sent=len(response.content),
            headers=list(response.items()),
        )
        environ = request.environ | {"RAW_URI": request.get_full_path()}
        log.access(told, SimpleNamespace(headers=[]), environ, timedelta(seconds=seconds))

    def _send_rest(self, conn: VisitorConnection, rest: bytes) -> None:
        """What a slow visitor has no room for: a thread of the pool waits, as it always did."""
        sending = self._worker.tpool.submit(conn.sock.sendall, rest)
        sending.add_done_callback(partial(self._finish_rest, conn))

    def _finish_rest(self, conn: VisitorConnection, sending: Future[None]) -> None:
        is_sent = not sending.cancelled() and sending.exception() is None
        finish = self._worker.finish_kept
        self._worker.method_queue.defer(finish, *(([conn], []) if is_sent else ([], [conn])))


def _is_for_us(request: WSGIRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _send_now(conn: VisitorConnection, answer: bytes) -> int | None:
    """How many bytes the kernel took at once; None where the visitor has hung up."""
    try:
        return kernel_calls.send(conn.sock, answer)
    except BlockingIOError:
        return 0
    except OSError:
        return None


def write_answer(response: HttpResponse) -> bytes:
    """The response as gunicorn writes it to a connection that stays open."""
    lines = [
        f"HTTP/1.1 {response.status_code} {response.reason_phrase}",
        f"Server: {gunicorn.SERVER}",
        f"Date: {http_date()}",
        "Connection: keep-alive",
        *(f"{name}: {value}" for name, value in response.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + response.content
