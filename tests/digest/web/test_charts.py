"""Votes become lines that stay within their frame and end where the dot is."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.web import charts
from tests.factories import NOW

counts = st.lists(st.integers(0, 10**6), min_size=2, max_size=400)


def hourly(votes: list[int]) -> list[tuple[datetime, int]]:
    return [(NOW + timedelta(hours=n), count) for n, count in enumerate(votes)]


def coordinates(line: charts.Line) -> list[tuple[float, float]]:
    pairs = [point.split(",") for point in line.points.split()]
    return [(float(x), float(y)) for x, y in pairs]


@given(counts)
def test_a_sparkline_stays_within_48_by_16_and_ends_in_its_dot(votes: list[int]) -> None:
    line = charts.draw_sparkline(hourly(votes))
    assert line is not None
    points = coordinates(line)
    assert all(0 <= x <= 48 and 0 <= y <= 16 for x, y in points)
    assert points[-1] == (line.end_x, line.end_y) == (46, points[-1][1])
    assert len(points) <= 18


@given(counts)
def test_a_chart_has_round_numbers_from_nothing_to_above_the_most(votes: list[int]) -> None:
    chart = charts.draw_votes(hourly(votes))
    assert chart is not None
    ticks = [count for _, count in chart.ticks]
    assert ticks[0] == 0
    assert ticks[-1] >= max(votes)
    assert 2 <= len(ticks) <= 6
    assert [y for y, _ in chart.ticks] == sorted((y for y, _ in chart.ticks), reverse=True)
    assert all(0 <= x <= 640 and 0 <= y <= 180 for x, y in coordinates(chart.line))
    assert str(ticks[1]).rstrip("0") in {"1", "2", "5"}


def test_more_votes_stand_higher() -> None:
    line = charts.draw_sparkline(hourly([0, 5, 10]))
    assert line is not None
    assert [y for _, y in coordinates(line)] == [14, 8, 2]


def test_one_count_is_a_dot_and_none_draws_nothing() -> None:
    assert charts.draw_sparkline(hourly([3])) == charts.Line("", 46, 8)
    assert charts.draw_sparkline([]) is None
    assert charts.draw_votes(hourly([3])) is None


def test_days_ahead_are_not_counted_among_those_without_papers() -> None:
    monday = date(2026, 4, 20)
    week = {monday + timedelta(days=n): 12 if n < 4 else 0 for n in range(7)}
    drawn = charts.draw_bars(week, today=date(2026, 4, 23))
    assert (drawn.days, drawn.a_day, len(drawn.bars)) == (4, 12, 7)
    assert charts.draw_bars(week, today=date(2026, 6, 1)).days == 7


def test_counts_taken_at_one_moment_still_draw() -> None:
    assert charts.draw_sparkline([(NOW, 1), (NOW, 2)]) is not None


def test_a_bar_is_as_high_as_its_day_and_a_day_without_papers_is_a_line() -> None:
    assert [(bar.x, bar.y, bar.height) for bar in charts.draw_columns([0, 1, 4])] == [
        (0, 19.0, 1.0),
        (4, 15.0, 5.0),
        (8, 0.0, 20.0),
    ]
