"""Threads that talk to the provider, and an owner that does all the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from digest.deliver.provider.call_pool import CallPool, PoolIsOver
from digest.deliver.provider.send import Provider
from tests.running import wait_for

LONG = 600.0  # seconds that nothing here takes


@dataclass
class Errand:
    """A job that does what it is told, and remembers who did it."""

    do: Callable[[Callable[[Callable[[], None]], None]], Any] = lambda _: None
    failure: BaseException | None = None
    thread: int = 0
    threads: list[int] = field(default_factory=list)

    def make(self, provider: Provider, ask_owner: Callable[[Callable[[], None]], None]) -> None:
        assert provider.traits.name
        self.thread = threading.get_ident()
        self.do(ask_owner)


def test_calls_are_under_way_at_once_up_to_the_size() -> None:
    both = threading.Barrier(2)
    with CallPool[Errand](2) as pool:
        errands = [Errand(lambda _: both.wait(LONG)) for _ in range(2)]
        for errand in errands:
            assert pool.has_room
            pool.start(errand)
        assert not pool.has_room
        assert pool.wait(LONG) in errands
        assert pool.wait(LONG) in errands
        assert (pool.under_way, pool.wait(0.0)) == (0, None)
    assert len({errand.thread for errand in errands}) == 2


def test_a_thread_that_is_free_is_used_again() -> None:
    with CallPool[Errand](4) as pool:
        threads = set()
        for _ in range(3):
            pool.start(Errand())
            done = pool.wait(LONG)
            assert done
            threads.add(done.thread)
    assert len(threads) == 1


def test_what_a_call_asks_for_is_done_by_the_owner_before_it_goes_on() -> None:
    done: list[str] = []
    here = threading.get_ident()

    def ask(ask_owner: Callable[[Callable[[], None]], None]) -> None:
        ask_owner(lambda: done.append("owner" if threading.get_ident() == here else "thread"))
        done.append("went on")

    with CallPool[Errand](1) as pool:
        pool.start(Errand(ask))
        pool.wait(LONG)
    assert done == ["owner", "went on"]


def test_what_goes_wrong_in_a_thread_or_for_it_is_raised_to_the_owner() -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    with CallPool[Errand](1) as pool:
        pool.start(Errand(fail))
        with pytest.raises(ZeroDivisionError):
            pool.wait(LONG)
        pool.start(Errand(lambda ask_owner: ask_owner(fail)))
        with pytest.raises(ZeroDivisionError):
            pool.wait(LONG)
        assert pool.under_way == 0


def test_who_asks_an_owner_that_has_gone_is_refused_and_does_not_wait_for_ever() -> None:
    owner_left = threading.Event()

    def ask(ask_owner: Callable[[Callable[[], None]], None]) -> None:
        owner_left.wait(LONG)
        ask_owner(lambda: None)

    def leave_early(errands: list[Errand]) -> None:
        with CallPool[Errand](2) as pool:
            for errand in errands:
                pool.start(errand)
            owner_left.set()
            raise ZeroDivisionError

    errands = [Errand(ask), Errand(ask)]
    with pytest.raises(ZeroDivisionError):
        leave_early(errands)
    assert [type(errand.failure) for errand in errands] == [PoolIsOver, PoolIsOver]


def test_no_thread_is_left_behind() -> None:
    before = set(threading.enumerate())
    with CallPool[Errand](3) as pool:
        for _ in range(3):
            pool.start(Errand())
    wait_for(lambda: set(threading.enumerate()) <= before, "the end of all threads")
