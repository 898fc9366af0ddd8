"""A call ends when its time is over, however its answer comes."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from subscribers.limits.call_limit import CallLimit, CallTooLong, look_up_host
from tests.running import PATIENCE_SECONDS, wait_for


def test_a_name_that_no_one_knows_is_an_error_of_the_look_up() -> None:
    with pytest.raises(socket.gaierror):
        look_up_host("a..b", 80, PATIENCE_SECONDS)


def test_a_look_up_is_not_waited_for_longer_than_there_is_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_args, **_more: [answered.wait(PATIENCE_SECONDS)][:0]
    )
    with pytest.raises(socket.gaierror, match="too long"):
        look_up_host("example.org", 80, 0.05)
    answered.set()


def test_a_call_that_ends_in_time_leaves_its_connections_open() -> None:
    limit = CallLimit(PATIENCE_SECONDS)
    here, there = socket.socketpair()
    with limit.limit_call():
        limit.watch_socket(here)
    with limit.limit_call():
        here.sendall(b"still open")
    assert there.recv(99) == b"still open"
    assert not limit.is_over


def test_whoever_waits_for_a_byte_is_woken_when_the_time_is_over() -> None:
    limit = CallLimit(0.1)
    here, _there = socket.socketpair()
    limit.watch_socket(here)
    with pytest.raises(CallTooLong, match=r"did not end within 0\.1 seconds"), limit.limit_call():
        assert here.recv(1) == b""
    assert limit.is_over


def test_a_connection_made_too_late_is_shut_at_once() -> None:
    limit = CallLimit(0.01)
    here, _there = socket.socketpair()

    def connect_late() -> None:
        with limit.limit_call():
            wait_for(lambda: limit.is_over, "the end")
            limit.watch_socket(here)
            heard.append(here.recv(1))

    heard: list[bytes] = []
    with pytest.raises(CallTooLong):
        connect_late()
    assert heard == [b""]


def test_the_error_that_tells_how_far_a_call_got_is_not_hidden() -> None:
    limit = CallLimit(0.01)

    def refuse_late() -> None:
        with limit.limit_call():
            wait_for(lambda: limit.is_over, "the end")
            raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        refuse_late()


def test_an_end_that_comes_late_does_not_reach_the_next_call() -> None:
    limit = CallLimit(PATIENCE_SECONDS)
    here, _there = socket.socketpair()
    limit.watch_socket(here)
    with limit.limit_call():
        pass
    with limit.limit_call():
        limit._end_call(1)
        here.sendall(b"still open")
    assert not limit.is_over


def test_all_addresses_of_a_host_share_the_time_of_one_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[float] = []

    def connect(_address: Any, timeout: float) -> socket.socket:
        asked.append(timeout)
        time.sleep(0.02)
        raise TimeoutError

    rows = [(2, 1, 6, "", (f"192.0.2.{n}", 80)) for n in range(3)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: rows)
    monkeypatch.setattr(socket, "create_connection", connect)
    limit = CallLimit(0.05)
    with pytest.raises(TimeoutError), limit.limit_call():
        limit.connect_socket("example.org", 80, PATIENCE_SECONDS)
    assert len(asked) == 3
    assert asked[0] <= 0.05
    assert asked == sorted(asked, reverse=True)


def test_a_connection_is_held_open_by_nobody_but_its_owner() -> None:
    limit = CallLimit()
    here, there = socket.socketpair()
    limit.watch_socket(here)
    here.close()
    del here
    assert there.recv(1) == b""
    assert not list(limit._sockets)


def test_bytes_wait_for_their_moment_once_and_what_is_prepared_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(time, "sleep", slept.append)
    limit = CallLimit()
    limit.sees_all = True
    limit.hold_back(100.25)
    assert slept == []
    limit.note_bytes()
    limit.note_bytes()
    assert (slept, limit.has_sent) == ([0.25], True)


def test_where_nobody_sees_the_bytes_the_whole_call_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(time, "sleep", slept.append)
    CallLimit().hold_back(100.25)
    assert slept == [0.25]


def test_it_is_known_how_late_a_call_left(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 100.375])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    limit = CallLimit()
    limit.sees_all = True
    limit.hold_back(100.25)
    limit.note_bytes()
    limit.note_bytes()
    assert limit.late_by == 0.125
