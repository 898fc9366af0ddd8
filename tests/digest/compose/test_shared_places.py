"""The places of a digest are shared: each topic's best first, then by merit."""

from __future__ import annotations

import pytest

from digest.compose.shared_places import share_places
from digest.compose.topic_news import Order, make_order

# A loud topic has papers 1 to 9 of great merit; two quiet ones a paper each of little.
LOUD = {n: [1] for n in range(1, 10)}
QUIET = {10: [2], 11: [3]}


def order(paper_id: int, strength: float = 0.0, floor: float = 0.0) -> Order:
    return make_order(paper_id, 0.0, strength or 20.0 - paper_id, 0.0, floor)


@pytest.mark.parametrize(
    ("topics", "places", "ids"),
    [
        (LOUD | QUIET, 4, [1, 2, 10, 11]),
        (LOUD | QUIET, 2, [1, 10]),  # those with the best of all before the others
        (LOUD | QUIET, 1, [1]),
        (LOUD | QUIET | {4: [1, 2, 3]}, 4, [1, 2, 3, 4]),  # in several topics, it counts for each
        (LOUD, 3, [1, 2, 3]),
        (LOUD, 99, [*LOUD]),
    ],
)
def test_each_topic_has_its_best_before_any_has_a_second(
    topics: dict[int, list[int]], places: int, ids: list[int]
) -> None:
    ordered = sorted(order(pk) for pk in topics)
    shared = [one[3] for one in share_places(ordered, topics, places)]
    assert shared[:places] == ids
    assert shared[places:] == [one[3] for one in ordered if one[3] not in ids]


def test_a_mention_in_passing_claims_no_place_for_its_topic() -> None:
    ordered = sorted([order(1), order(2), order(3, strength=1.0, floor=2.0)])
    shared = share_places(ordered, {1: [1], 2: [1]}, 2)
    assert [one[3] for one in shared] == [1, 2, 3]
