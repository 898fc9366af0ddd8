"""How much computing one network may ask for, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from subscribers.limits import cpu_budget
from subscribers.limits.cpu_budget import (
    SECONDS_PER_NETWORK,
    WINDOW_SECONDS,
    count_seconds,
    find_wait,
)
from tests.factories import NOW

pytestmark = pytest.mark.cached


def test_a_network_waits_once_it_used_its_share_and_no_other_does() -> None:
    count_seconds("a", SECONDS_PER_NETWORK - 1, NOW)
    assert find_wait("a", NOW) == 0
    count_seconds("a", 1.0, NOW)
    wait = find_wait("a", NOW)
    assert 0 < wait <= WINDOW_SECONDS
    assert find_wait("a", NOW + timedelta(seconds=wait - 1)) == 1
    assert find_wait("b", NOW) == 0
    assert find_wait("a", NOW + timedelta(seconds=wait)) == 0


def test_what_costs_hardly_anything_is_not_counted() -> None:
    for _ in range(3):
        count_seconds("c", cpu_budget._LEAST_SECONDS / 2, NOW)
    count_seconds("c", SECONDS_PER_NETWORK, NOW)
    assert find_wait("c", NOW) > 0
