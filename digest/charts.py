"""Numbers as lines: the coordinates of our SVG drawings. Pure functions of counts and dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Point = tuple[float, float]
SPARK_WIDTH, SPARK_HEIGHT = 48, 16
_RADIUS = 2.0  # of the dot that ends a line; the line keeps this far from the edges
_SPARK_POINTS = 16
CHART_WIDTH, CHART_HEIGHT = 640, 160
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 12.0, 12.0, 26.0


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


def sparkline(moments: Sequence[tuple[datetime, int]]) -> Line | None:
    """Counts over time within 48 × 16 px, from zero up; None for fewer than two moments."""
    if len(moments) < 2:
        return None
    step = -(-len(moments) // _SPARK_POINTS)
    kept = [*moments[:-1:step], moments[-1]]
    box = (_RADIUS, SPARK_WIDTH - _RADIUS, SPARK_HEIGHT - _RADIUS, _RADIUS)
    return _line(kept, box, max(1, *(count for _, count in kept)))


def votes_chart(moments: Sequence[tuple[datetime, int]]) -> Chart | None:
    """The same at length, with axes; None for fewer than two moments."""
    if len(moments) < 2:
        return None
    step = _round_step(max(count for _, count in moments))
    top = step * (-(-max(count for _, count in moments) // step) or 1)
    box = (_LEFT, CHART_WIDTH - _RIGHT, CHART_HEIGHT - _BOTTOM, _TOP)
    ticks = [(_scale(votes, 0, top, box[2], box[3]), votes) for votes in range(0, top + 1, step)]
    return Chart(_line(moments, box, top), ticks, moments[0][0], moments[-1][0])


def _line(
    moments: Sequence[tuple[datetime, int]], box: tuple[float, float, float, float], top: int
) -> Line:
    left, right, bottom, ceiling = box
    first, last = moments[0][0].timestamp(), moments[-1][0].timestamp()
    path = [
        (
            _scale(moment.timestamp(), first, last, left, right),
            _scale(count, 0, top, bottom, ceiling),
        )
        for moment, count in moments
    ]
    return Line(" ".join(f"{x:g},{y:g}" for x, y in path), *path[-1])


def _scale(value: float, low: float, high: float, start: float, end: float) -> float:
    share = (value - low) / (high - low) if high > low else 1.0
    return round(start + share * (end - start), 1)


def _round_step(most: int) -> int:
    """A step of 1, 2 or 5 times a power of ten that takes at most four steps to `most`."""
    step = 1
    while step * 4 < most:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step
