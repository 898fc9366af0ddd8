"""Which phrases papers write in several orders."""

from __future__ import annotations

import pytest

from subscribers.topics.learn_orders import learn_orders
from subscribers.topics.neighbourhoods import ReadPapers
from tests.subscribers.topics.two_fields import write_both_fields, write_papers


def learn(one: str, other: str, field: str = "baking", times: int = 3) -> list[tuple[str, str]]:
    papers = ReadPapers(
        [
            *write_both_fields(),
            *write_papers("baking", f"the {one} of it", count=times),
            *write_papers(field, f"the {other} of it", count=times),
        ]
    )
    return [(order.spelled, order.other_spelled) for order in learn_orders(papers)]


def test_the_words_before_the_last_may_change_places() -> None:
    one, other = "implicit neural representation", "neural implicit representation"
    assert learn(one, other) == [(one, other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("text image model", "model text image"),  # another word at the end
        ("text to image model", "image to text model"),  # a small word between
        ("neural representation", "representation neural"),  # two words
    ],
)
def test_what_may_mean_something_else_is_not_learned(one: str, other: str) -> None:
    assert learn(one, other) == []


def test_one_paper_or_papers_of_another_field_teach_no_order() -> None:
    one, other = "implicit neural representation", "neural implicit representation"
    assert learn(one, other, times=1) == []
    assert learn(one, other, field="stars") == []
