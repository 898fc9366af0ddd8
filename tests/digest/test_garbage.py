"""A run looks for unreachable objects less often, and leaves the process as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from digest.compose import compose_due
from digest.deliver import RunOptions, deliver_planned
from digest.garbage import collect_seldom
from tests.factories import NOW, make_delivery, make_reader


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_collector_is_called_less_often_for_the_block_alone() -> None:
    gc.set_threshold(700, 10, 10)
    with suppress(ValueError), collect_seldom():
        assert gc.get_threshold()[0] >= 20_000
        raise ValueError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.django_db
def test_a_run_that_composes_or_hands_over_is_such_a_block() -> None:
    gc.set_threshold(700, 10, 10)
    seen = []

    def note(_: int) -> None:
        seen.append(gc.get_threshold()[0])

    make_delivery()
    deliver_planned(NOW, options=RunOptions(progress=note))
    make_reader("diffusion policy")
    compose_due(NOW, progress=note)
    assert seen == [20_000, 20_000]
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("before", [(0, 10, 10), (100_000, 30, 90)])
def test_who_set_it_off_or_still_less_often_is_left_alone(before: tuple[int, int, int]) -> None:
    gc.set_threshold(*before)
    with collect_seldom():
        assert gc.get_threshold() == before
    assert gc.get_threshold() == before


def test_what_is_set_meanwhile_stays() -> None:
    with collect_seldom():
        gc.set_threshold(5_000, 10, 10)
    assert gc.get_threshold() == (5_000, 10, 10)
