"""A leaning says what it moves, and stays within its bounds."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from subscribers.models import Leaning
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("steps", "how"),
    [(1, "a little earlier"), (3, "earlier"), (6, "much earlier"), (-4, "later")],
)
def test_a_leaning_says_what_it_moves_and_how_far(steps: int, how: str) -> None:
    row = Leaning(kind="word", term="prune", said="pruning", steps=steps)
    assert str(row) == f"papers with “pruning” in the title: {how}"


@pytest.mark.parametrize("steps", [0, 7, -7])
def test_the_database_refuses_a_leaning_out_of_bounds(steps: int) -> None:
    row = Leaning(subscriber=make_subscriber(), kind="word", term="a", said="a", steps=steps)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
