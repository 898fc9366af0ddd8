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
