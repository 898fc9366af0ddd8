"""Kept pages leave by a thread of their own with the bytes that gunicorn and Django would send."""

from __future__ import annotations

import gzip
import re
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from gunicorn import http
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import wsgi

from config import kept_pages
from config.kept_pages import KeptPageThread
from config.visitor_connection import VisitorConnection
from config.web_worker import PatientWorker
from config.wsgi import application
from digest.models import Paper
from digest.web.page_store import page_store
from tests.factories import make_paper

pytestmark = pytest.mark.django_db
STAMP = re.compile(rb'(?<=name="shown_at" value=")[^"]+')
PAPER = "/paper/arxiv:2604.1/"
HOST = "Host: localhost\r\n"


def write_request(*heads: str, path: str = PAPER) -> bytes:
    lines = "".join(f"{head}\r\n" for head in heads)
    return f"GET {path} HTTP/1.1\r\n{HOST}{lines}\r\n".encode()


class Lines:
    """Connections of a web process that has neither a loop nor listeners."""

    def __init__(self) -> None:
        cfg = Config()
        self.worker = PatientWorker(1, 1, [], None, 30, cfg, Logger(cfg))
        self.worker.method_queue.init()
        self.thread = KeptPageThread(self.worker)
        self.sockets: list[socket.socket] = []

    def connect(self, data: bytes) -> tuple[VisitorConnection, socket.socket]:
        """A connection on which this came in, and its other end."""
        ours, theirs = socket.socketpair()
        conn = VisitorConnection(self.worker, ours, ("127.0.0.1", 1), ("127.0.0.1", 80))
        conn.incoming.add(data, time.monotonic())
        self.sockets += [conn.sock, theirs]
        return conn, theirs

    def answer(self, *requests: bytes) -> list[bytes]:
        """What the thread sends to each who asked at once; b"" where the pool has to answer."""
        lines = [self.connect(data) for data in requests]
        assert all(self.thread.take(conn) for conn, _ in lines)
        declined = self.thread.answer_waiting()
        return [b"" if conn in declined else end.recv(1_000_000) for conn, end in lines]


@pytest.fixture
def lines() -> Iterator[Lines]:
    made = Lines()
    yield made
    for one in made.sockets:
        one.close()
    made.worker.method_queue.close()


@pytest.fixture(autouse=True)
def _page(that_wednesday: None) -> None:
    make_paper(title="Slow Cameras", identifier="arxiv:2604.1", abstract="Words. " * 900)
    assert Client().get(PAPER).status_code == 200
    assert page_store.has(f"{PAPER}?")


@contextmanager
def keep_connection() -> Iterator[None]:
    """As Django's own test client has it: else the test's transaction ends with its request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def answer_plainly(data: bytes) -> bytes:
    """What gunicorn and all of Django send to the same bytes."""
    ours, theirs = socket.socketpair()
    cfg = Config()
    parser = http.get_parser(cfg, ours, ("127.0.0.1", 1))
    parser.unreader.unread(data)
    response, environ = wsgi.create(next(parser), ours, ("127.0.0.1", 1), ("127.0.0.1", 80), cfg)
    with keep_connection():
        for part in application(environ, response.start_response):
            response.write(part)
    response.close()
    ours.close()
    answer = b""
    while piece := theirs.recv(1_000_000):
        answer += piece
    theirs.close()
    return answer


def read_answer(answer: bytes) -> tuple[list[bytes], bytes]:
    """The heads, without the second that is in one; and the page, without its stamp."""
    head, _, body = answer.partition(b"\r\n\r\n")
    heads = [line for line in head.split(b"\r\n") if not line.startswith(b"Date: ")]
    assert len(heads) == head.count(b"\r\n")  # there was one Date
    page = gzip.decompress(body) if b"Content-Encoding: gzip" in heads else body
    return heads, STAMP.sub(b"", page)


def find_etag() -> str:
    return str(Client().get(PAPER)["ETag"])


SAME: dict[str, Callable[[], tuple[str, ...]]] = {
    "nothing more": tuple,
    "gzip": lambda: ("Accept-Encoding: br, gzip", "Connection: keep-alive"),
    "a browser that has it": lambda: (f"If-None-Match: {find_etag()}", "Accept-Encoding: gzip"),
    "a browser that has another": lambda: ('If-None-Match: W/"another"',),
    "one that wants just this": lambda: (f"If-Match: {find_etag()}",),
    "a cookie of another's": lambda: ("Cookie: theme=dark; seen=1",),
    "a proxy": lambda: ("X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "Via: 1.1 a"),
}


@pytest.mark.parametrize("what", SAME)
def test_the_answer_is_the_one_that_all_of_django_gives(what: str, lines: Lines) -> None:
    data = write_request(*SAME[what]())
    [kept] = lines.answer(data)
    assert kept
    assert read_answer(kept) == read_answer(answer_plainly(data))


def test_a_site_with_https_says_so_and_leads_on_to_it(settings: Any, lines: Lines) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 600
    lines.thread = KeptPageThread(lines.worker)
    schemes = ("https", "http")
    asked = [write_request(f"X-Forwarded-Proto: {scheme}") for scheme in schemes]
    secure, plain = lines.answer(*asked)
    assert b"Strict-Transport-Security: max-age=600" in secure
    assert plain == b""


def test_a_page_that_is_not_kept_goes_the_ordinary_way(lines: Lines) -> None:
    conn, _ = lines.connect(write_request(path="/topics/"))
    assert not lines.thread.take(conn)


def test_two_requests_in_one_breath_get_two_answers(lines: Lines) -> None:
    worker = lines.worker
    worker.poller, worker.take_kept = selectors.DefaultSelector(), lines.thread.take
    conn, end = lines.connect(write_request() * 2)
    assert lines.thread.take(conn)
    for _ in range(2):
        assert lines.thread.answer_waiting() == []
        assert end.recv(1_000_000).startswith(b"HTTP/1.1 200 OK")
        worker.method_queue.run_callbacks(None)
    assert list(worker.keepalived_conns) == [conn]
    worker.poller.close()


def test_a_page_is_served_under_no_foreign_name(lines: Lines) -> None:
    data = write_request().replace(b"localhost", b"elsewhere.example")
    assert lines.answer(data, write_request())[0] == b""


def test_those_who_ask_at_once_cost_one_question(lines: Lines) -> None:
    with CaptureQueriesContext(connection) as asked:
        answers = lines.answer(*[write_request()] * 5)
    assert len({read_answer(one)[1] for one in answers}) == 1
    assert [query["sql"] for query in asked] == ["SELECT SUM(token) FROM digest_pageversion"]


def test_whoever_asked_before_a_change_and_is_answered_behind_it_gets_what_is_so(
    lines: Lines,
) -> None:
    conn, _ = lines.connect(write_request())
    assert lines.thread.take(conn)
    Paper.objects.update(title="Quick Cameras")
    assert lines.thread.answer_waiting() == [conn]  # the pool renders it


def test_a_visitor_who_hung_up_is_counted_no_more(lines: Lines) -> None:
    lines.worker.nr_conns = 1
    conn, end = lines.connect(write_request())
    assert lines.thread.take(conn)
    end.close()
    assert lines.thread.answer_waiting() == []
    lines.worker.method_queue.run_callbacks(None)
    assert lines.worker.nr_conns == 0


def test_a_state_that_cannot_be_read_ends_no_thread(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    conn, _ = lines.connect(write_request())
    assert lines.thread.take(conn)
    monkeypatch.setattr(kept_pages, "read_state", Mock(side_effect=RuntimeError))
    assert lines.thread.answer_waiting() == [conn]  # the pool answers, as well as it can
