"""Where a piece of work spends its CPU time: it is looked at every few milliseconds of it.

Looking costs under one per cent of what is looked at, so that it is done in every run.
"""

from __future__ import annotations

import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType, FrameType

from bench.work import ROOT

SECONDS = 0.005  # of this process's CPU time, between two looks
ROOMS = ("digest/", "subscribers/", "config/")
ELSEWHERE = "elsewhere"  # what no module of the product called
OTHERS = "all others"
MOST_NAMED = 15
OTHER_THREADS = "other threads"  # which are not looked into; in deliver they make the calls


class CpuShares:
    """CPU seconds by the module that spent them, itself or in a library that it called."""

    def __init__(self) -> None:
        self.seconds = defaultdict[str, float](float)
        self._in_thread, self._in_all = time.thread_time(), time.process_time()

    def look(self, _: int, frame: FrameType | None) -> None:
        """Add what was spent since the last look to the module that the main thread is in now."""
        in_thread, in_all = time.thread_time(), time.process_time()
        own, whole = in_thread - self._in_thread, in_all - self._in_all
        self._in_thread, self._in_all = in_thread, in_all
        self.seconds[find_module(frame)] += own
        self.seconds[OTHER_THREADS] += max(whole - own, 0.0)

    def list_shares(self) -> dict[str, float]:
        """The shares of the MOST_NAMED largest in all that was seen, and of all others as one."""
        whole = sum(self.seconds.values())
        largest = sorted(self.seconds.items(), key=lambda one: -one[1])
        named, others = largest[:MOST_NAMED], sum(seconds for _, seconds in largest[MOST_NAMED:])
        return {name: round(s / whole, 4) for name, s in [*named, (OTHERS, others)] if s and whole}


@contextmanager
def sample_cpu() -> Iterator[CpuShares]:
    """Fill the shares until the block ends; to be entered in the main thread."""
    shares = CpuShares()
    before = signal.signal(signal.SIGPROF, shares.look)
    signal.setitimer(signal.ITIMER_PROF, SECONDS, SECONDS)
    try:
        yield shares
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def find_module(frame: FrameType | None) -> str:
    """The innermost module of the product that a frame was called from: digest/render/card.py."""
    while frame is not None:
        if name := _name_module(frame.f_code):
            return name
        frame = frame.f_back
    return ELSEWHERE


@lru_cache(20_000)
def _name_module(code: CodeType) -> str:
    """Its path within the checkout; "" where the code is none of the product's own."""
    name = code.co_filename.removeprefix(f"{ROOT}/")
    return name if name.startswith(ROOMS) else ""
