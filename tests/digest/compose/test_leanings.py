"""How far a reader's feedback bends the order: the formula, its units and its bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.compose import leanings
from digest.compose.features import list_traits
from digest.compose.leanings import compute_factor, drop_weakest, limit_steps
from digest.score.stage import HALF_LIFE_HOURS

TRAITS = tuple(trait.key for trait in list_traits("Pruning Models", ["cs.CL"], "NVIDIA"))


@pytest.mark.parametrize(
    ("learned", "topics", "times"),
    [
        ({}, 0, 1.0),
        ({("category", "cs.lg"): 4, ("word", "distil"): -4}, 0, 1.0),
        ({}, 2, 2**0.5),
        ({}, -2, 2**-0.5),
        ({("word", "prune"): 1, ("organization", "nvidia"): 1}, 2, 2.0),
        ({("word", "prune"): -2}, 2, 1.0),
        ({("word", "prune"): 4, ("category", "cs.cl"): 4}, 6, 4.0),
        ({("word", "prune"): -4, ("category", "cs.cl"): -4}, -6, 0.25),
    ],
)
def test_four_steps_count_a_paper_twice_and_nothing_more_than_four_times(
    learned: leanings.Leanings, topics: int, times: float
) -> None:
    assert compute_factor(learned, TRAITS, topics) == pytest.approx(times)


def test_one_press_on_a_topic_is_worth_a_day() -> None:
    assert leanings.TOPIC_MOVE * leanings.STEP * HALF_LIFE_HOURS == 24


@pytest.mark.parametrize(
    ("kind", "steps", "kept"),
    [("topic", 7, 6), ("topic", -8, -6), ("word", 5, 4), ("word", -4, -4)],
)
def test_no_leaning_grows_beyond_its_bound(kind: str, steps: int, kept: int) -> None:
    assert limit_steps(kind, steps) == kept


def test_of_more_than_twelve_the_weakest_and_oldest_make_room_topics_too() -> None:
    learned = {("word", f"w{n}"): 2 for n in range(9)}
    learned |= {("word", "small"): -1, ("topic", "7"): 2, ("topic", "8"): -6}
    assert drop_weakest(learned, set()) == learned
    pressed = ("word", "pressed")
    kept = drop_weakest(learned | {pressed: 1}, {pressed})
    assert set(learned) - set(kept) == {("word", "small")}
    also = ("word", "also")
    kept = drop_weakest(learned | {pressed: 1, also: 1}, {pressed, also})
    assert set(learned) - set(kept) == {("word", "small"), ("word", "w0")}


def test_the_worked_example_of_the_documentation_comes_out() -> None:
    told = (Path(__file__).parents[3] / "docs" / "feedback.md").read_text()
    pressed = {("category", "cs.cl"): leanings.TRAIT_MOVE}
    times = compute_factor(pressed, (("category", "cs.cl"),), leanings.TOPIC_MOVE)
    assert f"a factor of {times:.2f}, and 1.60 × {times:.2f} = {1.6 * times:.2f}" in told
    assert f"up to {leanings.WORDS_PER_PAPER} rare nouns" in told
    assert f"at most {leanings.MOST_LEANINGS} leanings" in told
