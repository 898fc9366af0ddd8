"""How many bad outcomes are too many, and how few mean nothing."""

from __future__ import annotations

import pytest

from digest.flight.rates import BOUNCES, COMPLAINTS, REFUSALS, Bound, compute_lower_end, is_beyond


@pytest.mark.parametrize(
    ("bound", "count", "mails", "expected"),
    [
        (BOUNCES, 25, 500, True),
        (BOUNCES, 24, 500, False),
        (BOUNCES, 1, 20, False),  # 5 %, and one mailbox
        (BOUNCES, 1, 2, False),
        (BOUNCES, 2, 20, True),
        (BOUNCES, 3, 60, False),  # 5 % of few may be 2 % of many
        (REFUSALS, 100, 500, True),
        (REFUSALS, 99, 500, False),
        (REFUSALS, 6, 20, True),
        (REFUSALS, 4, 20, False),
        (REFUSALS, 2, 2, False),
        (COMPLAINTS, 1, 500, False),  # 0.2 %, and one click
        (COMPLAINTS, 2, 500, False),
        (COMPLAINTS, 3, 500, True),
        (COMPLAINTS, 0, 0, False),
    ],
)
def test_a_bound_is_broken(bound: Bound, count: int, mails: int, expected: bool) -> None:
    assert is_beyond(bound, count, mails) is expected


def test_the_lower_end_is_below_the_share_and_nears_it() -> None:
    ends = [compute_lower_end(n // 10, n) for n in (10, 100, 1000, 10_000)]
    assert ends == sorted(ends)
    assert 0 < ends[0] < ends[-1] < 0.1
