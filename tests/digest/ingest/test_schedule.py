from __future__ import annotations

from datetime import timedelta

import pytest

from digest.ingest.schedule import schedule_after_failure, schedule_after_success
from digest.models import Source
from tests.factories import NOW

HALF_AN_HOUR = timedelta(minutes=30)
A_DAY = timedelta(hours=24)


@pytest.mark.parametrize("kind", Source.Kind.values)
def test_no_source_is_asked_twice_within_half_an_hour_nor_left_for_two(kind: str) -> None:
    sources = [Source(pk=pk, kind=kind) for pk in range(1, 30)]
    waits = [schedule_after_success(source, NOW) - NOW for source in sources]
    assert HALF_AN_HOUR <= min(waits) <= max(waits) <= timedelta(hours=2)


def test_a_failing_source_is_asked_ever_more_seldom_up_to_a_day() -> None:
    source = Source(pk=1)
    waits = [schedule_after_failure(source, n, NOW, None) - NOW for n in range(1, 12)]
    assert waits == sorted(waits)
    assert HALF_AN_HOUR <= waits[0] < timedelta(minutes=34)
    assert timedelta(hours=20) < waits[-1] <= A_DAY
    assert schedule_after_failure(source, 1000, NOW, None) - NOW <= A_DAY


def test_sources_that_fail_together_come_back_apart() -> None:
    times = {schedule_after_failure(Source(pk=pk), 5, NOW, None) for pk in range(20)}
    assert len(times) == 20


def test_the_wait_a_host_asks_for_is_kept_when_it_is_longer() -> None:
    source = Source(pk=1, kind="feed")
    assert schedule_after_failure(source, 1, NOW, timedelta(seconds=2)) - NOW >= HALF_AN_HOUR
    assert schedule_after_failure(source, 1, NOW, timedelta(hours=25)) - NOW == timedelta(hours=25)
    assert schedule_after_success(source, NOW, timedelta(hours=25)) - NOW == timedelta(hours=25)


def test_asking_twice_for_the_next_time_gives_one_answer() -> None:
    source = Source(pk=7, kind="arxiv", failures=3)
    assert schedule_after_failure(source, 4, NOW, None) == schedule_after_failure(
        source, 4, NOW, None
    )
