"""Work ends when the CPU time that it may use is over."""

from __future__ import annotations

import pytest

from subscribers.limits import cpu_allowance
from subscribers.limits.cpu_allowance import CpuAllowance


def test_an_allowance_is_spent_by_computing_and_by_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = [5.0]
    monkeypatch.setattr(cpu_allowance.time, "thread_time", lambda: used[0])
    allowance = CpuAllowance(0.5)
    assert not allowance.is_spent
    used[0] = 5.5
    assert allowance.is_spent


def test_that_of_a_part_ends_with_that_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    used = [5.0]
    monkeypatch.setattr(cpu_allowance.time, "thread_time", lambda: used[0])
    whole = CpuAllowance(0.5)
    used[0] = 5.4
    long, short = CpuAllowance(0.3, whole), CpuAllowance(0.05, whole)
    used[0] = 5.46
    assert (long.is_spent, short.is_spent) == (False, True)
    used[0] = 5.5
    assert long.is_spent
