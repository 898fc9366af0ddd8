"""The bench tells which modules spent the CPU time of a stage."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable

import pytest

from bench.sampler import ELSEWHERE, MOST_NAMED, OTHER_THREADS, OTHERS, CpuShares, sample_cpu
from subscribers.topics.words import normal_form

SECONDS = 0.25  # of CPU, some fifty looks


def spend(work: Callable[[], object]) -> None:
    ends_at = time.thread_time() + SECONDS
    while time.thread_time() < ends_at:
        for _ in range(200):
            work()


def read_long_words() -> object:
    return normal_form("parallel decoding of " * 40)


def hash_elsewhere() -> object:
    return hashlib.sha256(b"x" * 4_000).digest()


def test_cpu_time_is_told_of_the_module_that_spent_it() -> None:
    with sample_cpu() as shares:
        spend(read_long_words)
    found = shares.list_shares()
    assert sum(share for name, share in found.items() if name.startswith("subscribers/")) > 0.7
    assert next(iter(found)).startswith("subscribers/topics/")


def test_what_other_threads_spend_is_told_apart() -> None:
    with sample_cpu() as shares:
        thread = threading.Thread(target=spend, args=(hash_elsewhere,))
        thread.start()
        thread.join()
        spend(hash_elsewhere)
    found = shares.list_shares()
    assert found[OTHER_THREADS] == pytest.approx(0.5, abs=0.3)
    assert found[ELSEWHERE] == pytest.approx(0.5, abs=0.3)


def test_small_shares_are_told_as_one() -> None:
    shares = CpuShares()
    shares.seconds.update({f"digest/m{n}.py": float(n) for n in range(MOST_NAMED + 3)})
    found = shares.list_shares()
    assert len(found) == MOST_NAMED + 1
    assert found[OTHERS] == pytest.approx((0 + 1 + 2) / sum(range(MOST_NAMED + 3)), abs=0.001)
