"""Numbers as lines and bars: the coordinates of our SVG drawings. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

Point = tuple[float, float]
SPARK_WIDTH, SPARK_HEIGHT = 48, 16
_RADIUS = 2.0  # of the dot that ends a line; the line keeps this far from the edges
_SPARK_POINTS = 16
CHART_WIDTH, CHART_HEIGHT = 640, 180
BARS_HEIGHT = 150
GAP = 0.25  # of a day's width, between its bar and the next
ALL_LABELLED = 7
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 26.0, 26.0
COLUMN_WIDTH, COLUMN_GAP, COLUMNS_HEIGHT = 3, 1, 20


@dataclass(frozen=True)
class Line:
    """A drawn line: its path as the `points` of an SVG polyline, and where its dot sits."""

    points: str
    end_x: float
    end_y: float


@dataclass(frozen=True)
class Chart:
    """Votes over time, with what the axes say: heights of round numbers and dates."""

    line: Line
    ticks: list[tuple[float, int]]  # (y, votes)
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Bar:
    """One day: its bar, and the whole column as wide as the day is, for the pointer."""

    day: date
    count: int
    x: float
    y: float
    width: float
    height: float
    column: float  # where the day's column begins


@dataclass(frozen=True)
class Column:
    """One day beside a line of text: without axes, in pixels from the drawing's top left."""

    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Bars:
    """Papers a day, with what the axes say."""

    bars: list[Bar]
    ticks: list[tuple[float, int]]  # (y, papers)
    labels: list[tuple[float, date]]  # (x of the middle, day)
    step: float  # the width of a day
    total: int
    busiest: Bar
    today: date

    @property
    def days(self) -> int:
        """How many of them have come; those ahead had no chance yet."""
        return sum(bar.day <= self.today for bar in self.bars) or len(self.bars)

    @property
    def a_day(self) -> float:
        return self.total / self.days


def draw_bars(counts: Mapping[date, int], today: date) -> Bars:
    """Return a bar for every day, the quiet ones included.

    `counts` are papers by day, in order, of one day or more.
    """
    left, right, bottom, ceiling = LEFT, CHART_WIDTH - RIGHT, BARS_HEIGHT - BOTTOM, TOP
    most = max(counts.values())
    scale = choose_step(most)
    top = scale * (-(-most // scale) or 1)
    step = (right - left) / len(counts)
    drawn = []
    for i, (day, count) in enumerate(counts.items()):
        y, column = scale_value(count, 0, top, bottom, ceiling), left + i * step
        x, width = column + step * GAP / 2, step * (1 - GAP)
        drawn.append(Bar(day, count, round(x, 1), y, round(width, 1), bottom - y, round(column, 1)))
    ticks = [(scale_value(n, 0, top, bottom, ceiling), n) for n in range(0, top + 1, scale)]
    labels = [(round(bar.column + step / 2, 1), bar.day) for bar in _select_labelled(drawn)]
    busiest = max(drawn, key=lambda bar: bar.count)
    total = sum(counts.values())
    return Bars(drawn, ticks, labels, round(step, 1), total, busiest, today)


def draw_columns(counts: Sequence[int]) -> list[Column]:
    """Return one for each day, 3 px wide and 1 px apart: at most 20 px high, 1 px for no papers."""
    top = max(max(counts, default=0), 1)
    heights = [max(1.0, round(COLUMNS_HEIGHT * count / top, 1)) for count in counts]
    return [
        Column(i * (COLUMN_WIDTH + COLUMN_GAP), round(COLUMNS_HEIGHT - height, 1), height)
        for i, height in enumerate(heights)
    ]


def _select_labelled(bars: Sequence[Bar]) -> Sequence[Bar]:
    """Every day of a week; of more, the Mondays."""
    return bars if len(bars) <= ALL_LABELLED else [bar for bar in bars if not bar.day.weekday()]


def draw_sparkline(moments: Sequence[tuple[datetime, int]]) -> Line | None:
    """Counts over time within 48 × 16 px, from zero up, the last one a dot; None without any.

    One count alone is its dot, half way up: it says nothing yet of more or less.
    """
    if len(moments) < 2:
        return Line("", SPARK_WIDTH - _RADIUS, SPARK_HEIGHT / 2) if moments else None
    step = -(-len(moments) // _SPARK_POINTS)
    drawn = [*moments[:-1:step], moments[-1]]
    box = (_RADIUS, SPARK_WIDTH - _RADIUS, SPARK_HEIGHT - _RADIUS, _RADIUS)
    return _draw_line(drawn, box, max(1, *(count for _, count in drawn)))


def draw_votes(moments: Sequence[tuple[datetime, int]]) -> Chart | None:
    """Counts over time at length, with axes; None for fewer than two moments."""
    if len(moments) < 2:
        return None
    step = choose_step(max(count for _, count in moments))
    top = step * (-(-max(count for _, count in moments) // step) or 1)
    box = (LEFT, CHART_WIDTH - RIGHT, CHART_HEIGHT - BOTTOM, TOP)
    bottom, ceiling = box[2:]
    ticks = [(scale_value(n, 0, top, bottom, ceiling), n) for n in range(0, top + 1, step)]
    return Chart(_draw_line(moments, box, top), ticks, moments[0][0], moments[-1][0])


def _draw_line(
    moments: Sequence[tuple[datetime, int]], box: tuple[float, float, float, float], top: int
) -> Line:
    left, right, bottom, ceiling = box
    first, last = moments[0][0].timestamp(), moments[-1][0].timestamp()
    path = [
        (
            scale_value(moment.timestamp(), first, last, left, right),
            scale_value(count, 0, top, bottom, ceiling),
        )
        for moment, count in moments
    ]
    return Line(" ".join(f"{x:g},{y:g}" for x, y in path), *path[-1])


def scale_value(value: float, low: float, high: float, start: float, end: float) -> float:
    """Where a value between low and high stands between two coordinates, to a tenth."""
    share = (value - low) / (high - low) if high > low else 1.0
    return round(start + share * (end - start), 1)


def choose_step(most: int) -> int:
    """A step of 1, 2 or 5 times a power of ten that takes at most four steps to `most`."""
    step = 1
    while step * 4 < most:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step
