"""Charts of days: what is drawn is what the numbers say, and the table beside says the same."""

from __future__ import annotations

from datetime import date, timedelta

from digest.web.day_charts import (
    SHARES_WIDTH,
    DayPlot,
    Series,
    draw_days,
    draw_shares,
    shorten,
)

DAYS = [date(2026, 4, 20) + n * timedelta(days=1) for n in range(3)]


def test_parts_of_a_day_stand_on_each_other_and_as_high_as_their_numbers() -> None:
    sent, quiet = Series("sent", [8, 4, None], "ink"), Series("quiet", [2, 4, None], "pale")
    chart = draw_days(DayPlot("Deliveries", DAYS, above=[sent, quiet]))
    first, second = chart.blocks[:2]
    assert first.y == second.y + second.height
    assert first.height == 4 * second.height
    assert (first.look, second.look) == ("ink", "pale")
    assert len(chart.blocks) == 4, "nothing is drawn of a day that nobody counted"
    assert chart.rows == [(DAYS[0], ["8", "2"]), (DAYS[1], ["4", "4"]), (DAYS[2], ["–", "–"])]


def test_what_is_below_zero_hangs_from_it() -> None:
    came, left = Series("came", [5, 0, 0], "ink"), Series("left", [0, 5, 0], "soft")
    chart = draw_days(DayPlot("People", DAYS, above=[came], below=[left]))
    up, down = chart.blocks
    assert up.y + up.height == chart.zero == down.y
    assert up.height == down.height
    assert chart.ticks[0][1] == "6", "below zero the axis has no minus either"


def test_a_line_is_broken_where_nobody_counted_and_a_day_alone_is_a_dot() -> None:
    days = [DAYS[0] + n * timedelta(days=1) for n in range(5)]
    chart = draw_days(DayPlot("Rate", days, lines=[Series("x", [3, None, 1, 2, None], "red")]))
    [line] = chart.lines
    assert len(line.pieces) == 1
    assert line.pieces[0].count(",") == 2
    assert len(line.dots) == 2, "the day alone, and the end of the line"


def test_a_limit_is_on_the_drawing_however_far_the_numbers_are_below_it() -> None:
    chart = draw_days(
        DayPlot("Rate", DAYS, lines=[Series("x", [1, 1, 1], "red")], limits=[(30, "0.3 %")])
    )
    [(y, words)] = chart.limits
    assert words == "0.3 %"
    assert y < chart.lines[0].dots[0][1], "it is above the line"
    assert y >= chart.ticks[-1][0]


def test_days_without_any_number_are_an_empty_chart() -> None:
    chart = draw_days(DayPlot("Nothing", DAYS, above=[Series("x", [None, None, None], "ink")]))
    assert chart.blocks == []
    assert [words for _, words in chart.ticks] == ["0", "1"]


def test_the_shares_of_a_bar_add_up_to_its_width() -> None:
    shares = draw_shares([("sent", 1, "ink"), ("quiet", 1, "pale"), ("waiting", 1, "open")])
    last = shares[-1]
    assert round(last.x + last.width) == SHARES_WIDTH
    assert [share.count for share in draw_shares([("sent", 0, "ink")])] == [0]


def test_an_axis_has_short_numbers() -> None:
    said = [shorten(number) for number in ("900", "1,500", "2,000,000", "0.3 %")]
    assert said == ["900", "1.5k", "2M", "0.3 %"]
