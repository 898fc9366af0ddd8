"""Several numbers over some days as one drawing: the coordinates of its SVG. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from digest.web.charts import (
    ALL_LABELLED,
    BOTTOM,
    CHART_HEIGHT,
    CHART_WIDTH,
    GAP,
    LEFT,
    RIGHT,
    TOP,
    Point,
    choose_step,
    scale_value,
)

SHARES_WIDTH = 1000


@dataclass(frozen=True)
class Series:
    """Numbers by day under one name; None where nothing is known of a day."""

    name: str
    values: Sequence[float | None]
    look: str  # its class in the stylesheets: ink, soft, pale or red


@dataclass(frozen=True)
class Block:
    """One part of a day's bar."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True)
class SeriesLine:
    """A line over the days; where days are missing it is broken, and a day alone is a dot."""

    look: str
    pieces: list[str]  # the `points` of polylines
    dots: list[Point]


@dataclass(frozen=True)
class DayChart:
    """Several numbers over some days, with what the axes say, and the same as a table."""

    title: str
    blocks: list[Block]
    lines: list[SeriesLine]
    ticks: list[tuple[float, str]]  # (y, number)
    limits: list[tuple[float, str]]  # (y, name)
    labels: list[tuple[float, date]]  # (x of the middle, day)
    legend: list[Series]
    rows: list[tuple[date, list[str]]]  # the numbers of each day, as the legend has them
    zero: float  # y


@dataclass(frozen=True)
class DayPlot:
    """What is drawn: bars that stand on each other above and below zero, lines, and limits."""

    title: str
    days: Sequence[date]
    above: Sequence[Series] = ()
    below: Sequence[Series] = ()
    lines: Sequence[Series] = ()
    limits: Sequence[tuple[float, str]] = ()
    write: Callable[[float], str] = "{:,.0f}".format

    @property
    def series(self) -> list[Series]:
        return [*self.above, *self.below, *self.lines]

    def write_day(self, i: int) -> list[str]:
        values = [one.values[i] for one in self.series]
        return ["–" if value is None else self.write(value) for value in values]

    def find_ends(self) -> tuple[float, float]:
        """The highest and the lowest number that is drawn, the latter as what is below zero."""
        sums = [sum(n or 0 for n in column) for column in _list_columns(self.above)]
        drawn = [n for one in self.lines for n in one.values if n is not None]
        high = max([*sums, *drawn, *(limit for limit, _ in self.limits)], default=0)
        low = max((sum(n or 0 for n in c) for c in _list_columns(self.below)), default=0)
        return high, low


def draw_days(plot: DayPlot) -> DayChart:
    """Return the coordinates of the plot, within CHART_WIDTH × CHART_HEIGHT."""
    high, low = plot.find_ends()
    step = choose_step(ceil(max(high, low, 1)))
    top, floor = step * (ceil(high / step) or 1), step * ceil(low / step)
    place = _DayPlace(len(plot.days), -floor, top)
    ticks = [(place.find_y(n), shorten(plot.write(abs(n)))) for n in range(-floor, top + 1, step)]
    middles = [(place.find_middle(i), day) for i, day in enumerate(plot.days)]
    return DayChart(
        title=plot.title,
        blocks=[*_stack(plot.above, place, 1), *_stack(plot.below, place, -1)],
        lines=[_draw_series(one, place) for one in plot.lines],
        ticks=ticks,
        limits=[(place.find_y(limit), name) for limit, name in plot.limits],
        labels=[one for one in middles if len(middles) <= ALL_LABELLED or not one[1].weekday()],
        legend=plot.series,
        rows=[(day, plot.write_day(i)) for i, day in enumerate(plot.days)],
        zero=place.find_y(0),
    )


def shorten(number: str) -> str:
    """Thousands and millions as an axis has room for them: "1.5k" for "1,500"."""
    plain = number.replace(",", "")
    if not plain.isdecimal() or int(plain) < 1000:
        return number
    value = int(plain)
    return f"{value / 1e6:g}M" if value >= 1_000_000 else f"{value / 1000:g}k"


@dataclass(frozen=True)
class _DayPlace:
    """Where a day and a number stand."""

    days: int
    low: float
    high: float

    @property
    def step(self) -> float:
        return (CHART_WIDTH - RIGHT - LEFT) / self.days

    def find_y(self, value: float) -> float:
        return scale_value(value, self.low, self.high, CHART_HEIGHT - BOTTOM, TOP)

    def find_middle(self, i: int) -> float:
        return round(LEFT + (i + 0.5) * self.step, 1)


def _stack(series: Sequence[Series], place: _DayPlace, sign: int) -> list[Block]:
    blocks = []
    width = round(place.step * (1 - GAP), 1)
    for i, column in enumerate(_list_columns(series)):
        x, base = round(place.find_middle(i) - width / 2, 1), 0.0
        for one, value in zip(series, column, strict=True):
            if value:
                ys = sorted((place.find_y(sign * base), place.find_y(sign * (base + value))))
                # What is there can be seen, however little of all it is.
                height = max(round(ys[1] - ys[0], 1), 1.0)
                blocks.append(Block(x, ys[0], width, height, one.look))
                base += value
    return blocks


def _draw_series(series: Series, place: _DayPlace) -> SeriesLine:
    pieces: list[list[Point]] = [[]]
    for i, value in enumerate(series.values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((place.find_middle(i), place.find_y(value)))
    found = [piece for piece in pieces if piece]
    return SeriesLine(
        look=series.look,
        pieces=[" ".join(f"{x:g},{y:g}" for x, y in one) for one in found if len(one) > 1],
        dots=[one[-1] for one in found if len(one) == 1 or one is found[-1]],
    )


def _list_columns(series: Sequence[Series]) -> list[tuple[float | None, ...]]:
    """The numbers of each day."""
    return list(zip(*(one.values for one in series), strict=True))


@dataclass(frozen=True)
class Share:
    """One part of a bar that is SHARES_WIDTH wide: how many, and where."""

    name: str
    count: int
    look: str
    x: float
    width: float


def draw_shares(parts: Sequence[tuple[str, int, str]]) -> list[Share]:
    """Return the parts of a whole (name, count, look) side by side, those of nothing too."""
    whole = sum(count for _, count, _ in parts) or 1
    drawn, x = [], 0.0
    for name, count, look in parts:
        width = SHARES_WIDTH * count / whole
        drawn.append(Share(name, count, look, round(x, 2), round(width, 2)))
        x += width
    return drawn
