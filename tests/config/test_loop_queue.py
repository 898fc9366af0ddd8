"""What threads ask the web server's loop to do is done, in order and once."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

import pytest

from config.loop_queue import MOST_AT_ONCE, LoopQueue


@pytest.fixture
def queue() -> Iterator[LoopQueue]:
    one = LoopQueue()
    one.init()
    yield one
    one.close()


def is_awake(queue: LoopQueue) -> bool:
    return bool(select.select([queue], [], [], 0)[0])


def test_calls_are_made_in_order_and_not_all_in_one_turn(queue: LoopQueue) -> None:
    done: list[int] = []
    for number in range(200):
        queue.defer(done.append, number)
    queue.run_callbacks(queue)
    assert MOST_AT_ONCE <= len(done) < 100
    while is_awake(queue):
        queue.run_callbacks(queue)
    assert done == list(range(200))


def test_a_full_pipe_loses_no_call(queue: LoopQueue) -> None:
    done: list[int] = []
    for number in range(70_000):
        queue.defer(done.append, number)
    while is_awake(queue):
        queue.run_callbacks(queue)
    assert done == list(range(70_000))


def test_a_call_that_fails_says_so_and_the_next_is_made(queue: LoopQueue) -> None:
    done: list[int] = []

    def fail() -> None:
        raise OSError

    queue.defer(fail)
    with pytest.raises(OSError):  # noqa: PT011 (it is the very one)
        queue.run_callbacks(queue)
    queue.defer(done.append, 1)
    queue.run_callbacks(queue)
    assert done == [1]
    queue.close()
    queue.defer(done.append, 2)  # a thread that ends after the loop


def test_nothing_is_written_to_whoever_gets_the_number_of_a_closed_end(
    queue: LoopQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    close, written = os.close, list[int]()

    def close_and_ask(end: int) -> None:
        close(end)
        queue.defer(written.clear)  # a thread that ends at this very moment

    monkeypatch.setattr(os, "close", close_and_ask)
    monkeypatch.setattr("config.kernel_calls.write", lambda end, _data: written.append(end))
    queue.close()
    assert written == []
