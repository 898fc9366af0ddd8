"""Calls that never wait keep their thread's turn, and do what Python's own do."""

from __future__ import annotations

import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config import kernel_calls

TIMES = 100


@pytest.fixture(params=["the system's", "Python's"])
def _each_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python's":
        monkeypatch.setattr(kernel_calls, "_LIBC", None)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def count_turns_given_away(call: Callable[[], object]) -> int:
    """In how many of so many calls another thread, which waits for its turn, got one."""
    turns, is_over, before = 0, False, sys.getswitchinterval()

    def take_turns() -> None:
        nonlocal turns
        while not is_over:
            turns += 1
            time.sleep(0.0005)

    given, other = 0, threading.Thread(target=take_turns)
    other.start()
    try:
        sys.setswitchinterval(100)  # nobody is interrupted: a turn ends where it is given away
        for _ in range(TIMES):
            ready_at = time.monotonic() + 0.002
            while time.monotonic() < ready_at:
                pass  # the other one has slept, and waits
            seen = turns
            call()
            given += turns != seen
    finally:
        is_over = True
        sys.setswitchinterval(before)
        other.join()
    return given


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they are Python's own")
def test_no_call_of_the_loop_gives_its_turn_away(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    poller, (reading, writing) = kernel_calls.make_poller(), os.pipe()
    with socket.create_server(("127.0.0.1", 0), backlog=TIMES) as listener:
        listener.setblocking(False)
        guests = [socket.create_connection(listener.getsockname()) for _ in range(TIMES)]
        hosts: list[socket.socket] = []

        def do_a_visitors_round() -> None:
            kernel_calls.send(ours, b"1")
            kernel_calls.receive(theirs, 10)
            kernel_calls.write(writing, b"1")
            kernel_calls.read(reading, 1)
            hosts.append(kernel_calls.accept(listener)[0])
            poller.register(hosts[-1], selectors.EVENT_READ, None)
            poller.unregister(hosts[-1])
            kernel_calls.end_sending(hosts[-1])
            kernel_calls.close(hosts[-1])

        assert count_turns_given_away(do_a_visitors_round) == 0
        for one in guests:
            one.close()
    # Python's own do; were it not so, the count would show nothing.
    assert count_turns_given_away(lambda: ours.send(b"1")) > 0
    poller.close()
    for end in (reading, writing):
        os.close(end)


@pytest.mark.usefixtures("_each_kind")
def test_whoever_comes_is_let_in_with_their_address(tmp_path: Path) -> None:
    def let_in(listener: socket.socket, guest: socket.socket) -> None:
        with listener, guest:
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                kernel_calls.accept(listener)
            guest.connect(listener.getsockname())
            host, address = kernel_calls.accept(listener)
            with host:
                assert address == guest.getsockname()
                assert host.getpeername() == guest.getsockname()
                assert not os.get_inheritable(host.fileno())

    let_in(socket.create_server(("127.0.0.1", 0)), socket.socket())
    let_in(socket.create_server(("::1", 0), family=socket.AF_INET6), socket.socket(socket.AF_INET6))
    by_path = socket.socket(socket.AF_UNIX)
    by_path.bind(str(tmp_path / "door"))
    by_path.listen()
    let_in(by_path, socket.socket(socket.AF_UNIX))


@pytest.mark.usefixtures("_each_kind")
def test_what_is_there_is_read_and_nothing_waits(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    with pytest.raises(BlockingIOError):
        kernel_calls.receive(ours, 10)
    assert kernel_calls.send(theirs, b"one two") == 7
    assert kernel_calls.receive(ours, 3) == b"one"
    assert kernel_calls.receive(ours, 10) == b" two"
    much = b"much" * 1_000_000
    assert 0 < kernel_calls.send(theirs, much) < len(much)
    with suppress(BlockingIOError):
        while kernel_calls.send(theirs, much):
            pass
    kernel_calls.end_sending(theirs)
    while kernel_calls.receive(ours, 1_000_000):
        pass
    kernel_calls.send(ours, b"heard")
    assert kernel_calls.receive(theirs, 10) == b"heard"
    for _ in range(2):
        kernel_calls.close(theirs)
    with pytest.raises(BrokenPipeError):
        kernel_calls.send(ours, b"nobody")


@pytest.mark.usefixtures("_each_kind")
def test_a_poller_tells_what_can_be_read(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    poller = kernel_calls.make_poller()
    poller.register(ours, selectors.EVENT_READ, "ours")
    poller.register(theirs.fileno(), selectors.EVENT_READ, "theirs")
    assert poller.select(0) == []
    ours.send(b"1")
    assert [(key.data, key.fd, event) for key, event in poller.select(1.0)] == [
        ("theirs", theirs.fileno(), selectors.EVENT_READ)
    ]
    theirs.send(b"1")
    poller.unregister(theirs.fileno())
    assert [(key.data, key.fileobj) for key, _ in poller.select(1.0)] == [("ours", ours)]
    with pytest.raises(KeyError):
        poller.unregister(theirs.fileno())
    poller.close()
