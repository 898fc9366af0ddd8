"""Charts as SVG files that follow the reader's light or dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

WIDTH, BAR, GAP, LABEL, LETTER = 640, 22, 10, 190, 7
_STYLE = (
    "<style>text{font:13px system-ui,sans-serif;fill:#222}.t{font-weight:600}"
    ".a{fill:#8a8a84}.o{fill:#1f5fbf}.l{stroke:#1f5fbf;fill:none;stroke-width:2}"
    ".g{stroke:#ccc;stroke-width:1}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e6e1}.a{fill:#77776f}.o{fill:#7db0ff}"
    ".l{stroke:#7db0ff}.g{stroke:#555}}</style>"
)


def draw_bars(title: str, rows: Sequence[tuple[str, float, bool]], unit: str) -> str:
    """Horizontal bars: name, value, and whether it is ours."""
    label = max([LABEL, *[len(name) * LETTER for name, _, _ in rows]])
    height = 34 + len(rows) * (BAR + GAP)
    most = max((value for _, value, _ in rows), default=0.0) or 1.0
    parts = [f'<text class="t" x="0" y="16">{escape(title)}</text>']
    for place, (name, value, is_ours) in enumerate(rows):
        y, long = 30 + place * (BAR + GAP), (WIDTH - label - 110) * value / most
        parts += [
            f'<text x="0" y="{y + 16}">{escape(name)}</text>',
            f'<rect class="{"o" if is_ours else "a"}" x="{label}" y="{y}" '
            f'width="{max(long, 1):.1f}" height="{BAR}" rx="3"/>',
            f'<text x="{label + long + 8:.1f}" y="{y + 16}">{format_value(value)} {unit}</text>',
        ]
    return _wrap(parts, height, title)


def draw_line(title: str, points: Sequence[tuple[float, float]], across: str, unit: str) -> str:
    """A line over a logarithmic axis, from zero up, with its values beside its points."""
    left, top, wide, tall = 20, 40, WIDTH - 110, 170
    most = max((y for _, y in points), default=0.0) or 1.0
    first, last = math.log(points[0][0]), math.log(points[-1][0])

    def place(x: float, y: float) -> tuple[float, float]:
        share = (math.log(x) - first) / (last - first or 1)
        return left + share * wide, top + tall * (1 - y / most)

    places = [place(*point) for point in points]
    parts = [
        f'<text class="t" x="0" y="16">{escape(title)}</text>',
        f'<line class="g" x1="{left}" y1="{top + tall}" x2="{left + wide}" y2="{top + tall}"/>',
        f'<polyline class="l" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>',
    ]
    for (x, y), (size, value) in zip(places, points, strict=True):
        parts += [
            f'<circle class="o" cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
            f'<text x="{x + 8:.1f}" y="{y - 6:.1f}">{format_value(value)} {unit}</text>',
            f'<text x="{x - 10:.1f}" y="{top + tall + 18}">{size:,.0f}</text>',
        ]
    parts.append(f'<text x="{left}" y="{top + tall + 38}">{escape(across)}</text>')
    return _wrap(parts, top + tall + 48, title)


def format_value(value: float) -> str:
    """Three digits that count, and commas in what is large."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _wrap(parts: Sequence[str], height: int, title: str) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
    return f'{head} aria-label="{escape(title)}">{_STYLE}{"".join(parts)}</svg>\n'
