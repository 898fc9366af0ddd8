"""Slow clients hold no thread of gunicorn: the short form of `make attack`."""

from __future__ import annotations

import runpy
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from unittest.mock import Mock

import pytest
from gunicorn.config import Config

from config.visitor_connection import VisitorConnection
from config.web_worker import PatientWorker
from tests.campaigns.attack.slow import KINDS, SlowClients, visit

ROOT = Path(__file__).parents[2]
APP = """
import time
def app(environ, start_response):
    if environ["PATH_INFO"] == "/hold":
        time.sleep(4)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    said = b"%d bytes of %s." % (len(body), environ["PATH_INFO"].encode())
    if environ["PATH_INFO"] == "/big":
        said = b"much" * 1_000_000
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]
"""
SHIPPED = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
CONFIG = f"""
worker_class = "config.web_worker.PatientWorker"
workers, threads, worker_connections, keepalive, sendfile = 1, 2, 120, 2, False
forwarder_headers = {SHIPPED["forwarder_headers"]!r}
def post_worker_init(worker):
    from config import incoming, slow_readers
    slow_readers.MOST_SLOW = 1
    incoming.HEAD_SECONDS = incoming.BODY_SECONDS = 3.0
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with run_gunicorn(tmp_path_factory.mktemp("gunicorn")) as number:
        yield number


@contextmanager
def run_gunicorn(folder: Path) -> Iterator[int]:
    """A gunicorn of one process with two threads and 120 connections; yields its port."""
    (folder / "app.py").write_text(APP)
    (folder / "conf.py").write_text(CONFIG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{number}"]
    command += ["--config", str(folder / "conf.py"), "--log-level", "error"]
    command += ["--pythonpath", f"{ROOT},{folder}"]
    server = subprocess.Popen(command, cwd=folder)
    try:
        for _ in range(600):
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", number)) == 0:
                    break
            time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        server.wait()


def talk(port: int, *pieces: bytes, seconds: float = 20.0) -> bytes:
    """Send these one after the other; everything that comes until the other end closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        for piece in pieces:
            line.sendall(piece)
            time.sleep(0.05)
        answer = b""
        while data := line.recv(65_536):
            answer += data
        return answer


HEAD = b"Host: localhost\r\n"
LAST = HEAD + b"Connection: close\r\n"


def test_a_visitor_is_answered_while_more_clients_than_it_takes_send_half_requests(
    port: int,
) -> None:
    calm = visit(port, "/", 1.0)
    with ExitStack() as stack:
        for kind in KINDS:
            stack.enter_context(SlowClients(port, kind, 40))
        busy = visit(port, "/", 4.0)
    assert (calm.failed, busy.failed) == (0, 0)
    assert busy.median < 20 * calm.median + 500  # two threads were held for ever before


def test_whoever_was_dropped_in_a_turn_of_the_loop_is_not_read_from_in_it() -> None:
    worker = PatientWorker(1, 1, [], None, 30, Config(), None)
    worker.poller = selectors.DefaultSelector()
    for end in (worker._drop, lambda conn, _said: worker._drop(conn, b"Late.")):
        ours, theirs = socket.socketpair()
        conn = VisitorConnection(worker, ours, "", "")
        worker._await_request(conn)
        theirs.sendall(b"GET / HTTP/1.1")
        end(conn, b"")  # to make room, or because it was late
        if conn in worker.lingering:
            worker._end_lingering(conn)
        worker._on_readable(conn, conn.sock)
        worker._on_last_data(conn, conn.sock)
        theirs.close()
    assert not worker.waiting
    assert not worker.lingering
    assert not worker.buffered
    worker.poller.close()


def test_whoever_was_told_why_has_a_moment_to_read_it() -> None:
    worker = PatientWorker(1, 1, [], None, 30, Config(), None)
    worker.poller, worker.nr_conns = selectors.DefaultSelector(), 2
    ours, theirs = socket.socketpair()
    conn = VisitorConnection(worker, ours, "", "")
    worker._await_request(conn)
    worker._drop(conn, b"Late.")
    worker.murder_pending()
    theirs.sendall(b"still sending")  # a connection that is closed would be reset, words and all
    assert theirs.recv(9) == b"Late."
    worker._end_lingering(conn)
    theirs.close()
    worker.poller.close()


def test_a_fault_with_one_visitor_ends_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = PatientWorker(1, 1, [], None, 30, Config(), Mock())
    worker.poller = selectors.DefaultSelector()
    ours, theirs = socket.socketpair()
    conn = VisitorConnection(worker, ours, "", "")
    worker._await_request(conn)
    theirs.sendall(b"GET")
    monkeypatch.setattr(conn.incoming, "add", Mock(side_effect=RuntimeError))
    worker._on_readable(conn, conn.sock)
    worker.log.exception.assert_called_once()
    assert theirs.recv(1) == b""
    assert not worker.waiting
    theirs.close()
    # And with one whose request is there before anybody looks.
    ours, theirs = socket.socketpair()
    theirs.sendall(b"GET")
    conn = VisitorConnection(worker, ours, "", "")
    monkeypatch.setattr(conn.incoming, "add", Mock(side_effect=RuntimeError))
    worker._await_request(conn)
    assert theirs.recv(1) == b""
    assert not worker.waiting
    assert not worker.buffered
    theirs.close()
    worker.poller.close()


def test_several_at_the_door_come_in_in_one_turn_of_the_loop() -> None:
    worker = PatientWorker(1, 1, [], None, 30, Config(), None)
    worker.poller = selectors.DefaultSelector()
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        listener.setblocking(False)
        for _ in range(6):
            stack.enter_context(socket.create_connection(listener.getsockname()))
        worker.accept(listener)
        assert len(worker.waiting) == 4
        worker.accept(listener)
        assert len(worker.waiting) == 6
        for conn in list(worker.waiting):
            worker._drop(conn, b"")
    worker.poller.close()


def test_whoever_came_before_the_process_was_told_to_end_has_time_to_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = PatientWorker(1, 1, [], None, 30, Config(), Mock())
    worker.poller, worker.alive = selectors.DefaultSelector(), False
    ours, theirs = socket.socketpair()
    worker._await_request(VisitorConnection(worker, ours, "", ""))
    now = time.monotonic()
    for later, waiting in ((0.0, 1), (1.0, 1), (2.1, 0)):
        monkeypatch.setattr(time, "monotonic", lambda at=now + later: at)
        worker.murder_pending()
        assert len(worker.waiting) == waiting
    theirs.close()
    worker.poller.close()


def test_the_master_is_told_once_a_second_that_the_loop_goes_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = PatientWorker(1, 1, [], None, 30, Config(), None)
    worker.tmp.notify = Mock()
    now = time.monotonic()
    for later in (0.0, 0.2, 0.9, 1.1, 1.3):
        monkeypatch.setattr(time, "monotonic", lambda at=now + later: at)
        worker.notify()
    assert worker.tmp.notify.call_count == 2


def test_half_a_request_is_closed_in_time_and_told_why(port: int) -> None:
    began = time.monotonic()
    head = talk(port, b"GET / HTTP/1.1\r\n" + HEAD)
    body = talk(port, b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 90\r\n\r\nhalf")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert body.startswith(b"HTTP/1.1 408 ")
    assert talk(port) == b""  # who never sent a byte is told nothing
    assert 3.0 <= time.monotonic() - began < 40


def test_requests_come_whole_to_the_site_however_they_are_cut(port: int) -> None:
    post = b"POST /a HTTP/1.1\r\n" + LAST + b"Content-Length: 10\r\n\r\n0123456789"
    pieces = [post[at : at + 13] for at in range(0, len(post), 13)]
    assert b"\r\n10 bytes of /a." in talk(port, *pieces)
    asked = b"POST /b HTTP/1.1\r\n" + LAST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    assert talk(port, asked, b"four").count(b"100 Continue") >= 1
    two = b"GET /1 HTTP/1.1\r\n" + HEAD + b"\r\nGET /2 HTTP/1.1\r\n" + LAST + b"\r\n"
    answer = talk(port, two)
    assert answer.index(b"0 bytes of /1") < answer.index(b"0 bytes of /2")


def test_a_body_that_no_page_takes_is_never_read_as_the_next_request(port: int) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\n" + HEAD + b"\r\n"
    head = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 300000\r\n\r\n"
    answer = talk(port, head + smuggled, smuggled)
    assert answer.count(b"HTTP/1.1 ") == 1
    chunked = b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    assert talk(port, chunked).startswith(b"HTTP/1.1 411 ")
    assert talk(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000).startswith(b"HTTP/1.1 431 ")


def test_health_is_told_while_every_thread_is_held(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(3)]
    for line in lines:
        line.sendall(b"GET /hold HTTP/1.1\r\n" + LAST + b"\r\n")
    time.sleep(0.3)
    began = time.monotonic()
    for version in (b"1.1", b"1.0"):
        answer = talk(port, b"GET /healthz HTTP/" + version + b"\r\n" + LAST + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b"Connection: close\r\nContent-Length: 2\r\n\r\nok")
    assert time.monotonic() - began < 2
    for line in lines:
        assert line.recv(65_536).startswith(b"HTTP/1.1 200")
        line.close()


def test_health_is_told_as_often_as_it_is_asked_and_other_addresses_are_the_sites(
    port: int,
) -> None:
    asked = b"GET /healthz?of=me HTTP/1.1\r\n" + HEAD + b"\r\n"
    last = b"GET /last HTTP/1.1\r\n" + LAST + b"\r\n"
    answer = talk(port, asked * 1_200 + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 1_201
    assert answer.count(b"\r\n\r\nok") == 1_200
    assert answer.endswith(b"0 bytes of /last.")
    for line in (b"GET /healthzz", b"GET //healthz", b"POST /healthz", b"GET /a/healthz"):
        said = talk(port, line + b" HTTP/1.1\r\n" + LAST + b"\r\n")
        assert said.endswith(b"0 bytes of " + line.split()[1] + b"."), line


def test_what_stands_behind_a_question_for_health_is_no_request_where_it_may_be_its_body(
    port: int,
) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\n" + LAST + b"\r\n"
    for head in (
        b"Content-Length: 300000\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b" Transfer-Encoding: chunked\r\n",
    ):
        answer = talk(port, b"GET /healthz HTTP/1.1\r\n" + HEAD + head + b"\r\n" + smuggled)
        assert answer.count(b"HTTP/1.1 ") == 1, head
    assert b"smuggled" in talk(port, b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n" + smuggled)
    for old in (b"HTTP/1.0\r\nX: a HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: te, close\r\n"):
        assert talk(port, b"GET /healthz " + old + HEAD + b"\r\n" + smuggled).count(b"200 OK") == 1


def test_whoever_reads_no_answer_gets_none_that_is_cut_short_and_followed_by_another() -> None:
    worker = PatientWorker(1, 1, [], None, 30, Config(), Mock())
    worker.poller, worker.alive, worker.max_keepalived = selectors.DefaultSelector(), True, 9
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            ours.send(b"x" * 65_536)
    conn = VisitorConnection(worker, ours, "", "")
    theirs.sendall(b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n")
    worker._await_request(conn)
    assert list(worker.lingering) == [conn]
    worker._end_lingering(conn)
    theirs.close()
    worker.poller.close()


def test_whoever_reads_no_answer_holds_one_thread_at_most_and_who_reads_gets_all(
    port: int,
) -> None:
    asked = b"GET /big HTTP/1.1\r\n" + LAST + b"\r\n"
    with ExitStack() as stack:
        for _ in range(6):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            line.sendall(asked)
        time.sleep(0.5)
        began = time.monotonic()
        assert b"0 bytes of /small." in talk(port, b"GET /small HTTP/1.1\r\n" + LAST + b"\r\n")
        assert time.monotonic() - began < 5  # it waited for the slow ones' twenty seconds
    assert len(talk(port, asked)) > 4_000_000


def test_no_head_says_which_page_is_asked_for(port: int) -> None:
    """Though we sit on the machine whose proxies gunicorn believes."""
    for heads in (b"SCRIPT_NAME: /a\r\n", b"PATH_INFO: /c\r\n", b"SCRIPT_NAME: /x\r\n"):
        answer = talk(port, b"GET /a/b HTTP/1.1\r\n" + heads + LAST + b"\r\n")
        assert answer.endswith(b"0 bytes of /a/b."), heads


def test_whoever_never_hangs_up_keeps_nobody_waiting(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(30)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\n" + LAST + b"\r\n")
    began = time.monotonic()
    assert talk(port, b"GET / HTTP/1.1\r\n" + LAST + b"\r\n").startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < 10  # gunicorn's own loop takes two seconds for each
    for line in lines:
        line.close()
