"""Few threads wait for visitors who read nothing: the one waited for longest makes room."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from config import slow_readers


def test_one_too_many_takes_the_place_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_readers, "MOST_SLOW", 2)
    readers = slow_readers.SlowReaders()
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(4)]
        for one in (end for pair in pairs for end in pair):
            stack.enter_context(one)
        with readers.wait_for(pairs[0][0]):
            pass  # it has read all, and counts no more
        for ours, _theirs in pairs[1:]:
            stack.enter_context(readers.wait_for(ours))
        dropped, *waited_for = pairs[1:]
        with pytest.raises(BrokenPipeError):
            dropped[0].send(b"more")
        for ours, theirs in (pairs[0], *waited_for):
            ours.send(b"more")
            assert theirs.recv(4) == b"more"
