"""A trend in tables that a person can check: what one paper's is made of, and how ranks change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from digest.english import count_of, ordinal, shorten
from digest.models import Paper, Section, TrendParts
from digest.render.header_footer import SECTIONS
from digest.score.explain import LEAST_NOTICED, LEAST_TREND, is_trending
from digest.score.signals import select_recent_papers
from digest.score.stage import HALF_LIFE_HOURS, WEIGHTS, compute_trends

TITLE_CHARS = 60
_SAID = {"velocity": "votes a day", "sources": "further sources"}


def ranking(now: datetime, weights: Mapping[str, float] = WEIGHTS) -> dict[int, TrendParts]:
    """The parts of every trending paper at `now` by id, the most talked about first."""
    papers = {
        paper.pk: paper
        for paper in select_recent_papers(now).only("id", "categories", "trend_parts")
    }
    explained = compute_trends(papers, now, weights)
    trending = [pk for pk, parts in explained.items() if parts.trend > 0]
    return {pk: explained[pk] for pk in sorted(trending, key=lambda pk: _rank_key(explained, pk))}


def _rank_key(explained: Mapping[int, TrendParts], pk: int) -> tuple[float, int]:
    return (-explained[pk].trend, pk)


def parts_table(parts: TrendParts, weights: Mapping[str, float] = WEIGHTS) -> str:
    """What was counted, the median beside it, the weight, and what they come to."""
    table = Table(box=None, pad_edge=False)
    table.add_column("sign")
    for name in ("counted", "median", "weight", "part"):
        table.add_column(name, justify="right")
    for name, counted in counts(parts).items():
        row = (counted, parts.medians[name], weights[name])
        share = f"{parts.parts[name]:.2f}"
        table.add_row(_SAID.get(name, name), *(f"{x:,.4g}" for x in row), share)
    table.add_row("sum", "", "", "", f"{sum(parts.parts.values()):.2f}")
    hours = f"listed {count_of(parts.hours, 'hour')} ago, halved every {HALF_LIFE_HOURS}"
    table.add_row(Text(hours), "", "", "", f"× {parts.decay:.3f}")
    table.add_row("trend", "", "", "", f"{parts.trend:.2f}")
    return print_table(table)


def counts(parts: TrendParts) -> dict[str, float]:
    """What was counted of each sign, from the parts of a trend."""
    return {
        name: getattr(parts, "further_sources" if name == "sources" else name) for name in WEIGHTS
    }


def describe_group(parts: TrendParts) -> str:
    which = f"in {parts.category} " if parts.category else "in all categories "
    papers = count_of(parts.papers, "paper")
    return f"Medians are those of the {papers} {which}listed on the same day."


def place_in_words(pk: int, ranks: Sequence[int]) -> str:
    """It is the 12th of 84 papers with a trend."""
    papers = count_of(len(ranks), "paper")
    return f"It is the {ordinal(ranks.index(pk) + 1)} of {papers} with a trend."


def section_in_words(parts: TrendParts) -> str:
    """Under which heading a mail lists the paper, and why."""
    heading = SECTIONS[Section.TRENDING if is_trending(parts) else Section.NEW]
    return (
        f"A mail lists it under “{heading}”: “{SECTIONS[Section.TRENDING]}” takes "
        f"a trend of {LEAST_TREND} or more, and {LEAST_NOTICED} votes or comments, "
        f"or {LEAST_NOTICED + 1} sources."
    )


def ranks_table(
    before: Mapping[int, TrendParts], after: Mapping[int, TrendParts], most: int
) -> str:
    """The first papers in the new order, each with its place in the old one."""
    old, papers = list(before), Paper.objects.in_bulk(list(after)[:most])
    table = Table(box=None, pad_edge=False)
    for name in ("new", "old", "moved", "trend", "before"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("paper", overflow="fold")
    for place, pk in enumerate(list(after)[:most], 1):
        was = old.index(pk) + 1 if pk in before else 0
        moved = f"{was - place:+d}" if was and was != place else ("" if was else "in")
        trends = (after[pk].trend, before[pk].trend if was else 0.0)
        cells = (str(place), str(was or "–"), moved, *(f"{trend:.2f}" for trend in trends))
        title = f"{shorten(papers[pk].title, TITLE_CHARS)} ({papers[pk].identifier})"
        table.add_row(*cells, Text(title))
    return print_table(table)


def print_table(table: Table) -> str:
    console = Console(highlight=False, width=120)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().splitlines())
