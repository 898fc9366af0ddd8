"""A trend in tables that a person can check: what one paper's is made of, and how ranks change."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import correlation

from rich.console import Console
from rich.table import Table
from rich.text import Text

from digest.english import count_of, ordinal, shorten
from digest.models import Paper, Section, TrendParts
from digest.render.header_footer import SECTIONS
from digest.score.explain import (
    LEAST_TREND,
    SLICE,
    describe_evidence,
    describe_place,
    is_trending,
)
from digest.score.signals import select_recent_papers
from digest.score.stage import HALF_LIFE_HOURS, LEAST_NOTICED, WEIGHTS, compute_trends

TITLE_CHARS = 60
_SAID = {"velocity": "votes a day", "stars": "stars gained", "sources": "further sources"}
_COUNTED_AS = {"stars": "stars_gained", "sources": "further_sources"}


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
    return {name: getattr(parts, _COUNTED_AS.get(name, name)) for name in WEIGHTS}


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
        f"A mail lists it under “{heading}”: “{SECTIONS[Section.TRENDING]}” takes the first of "
        f"{SLICE} papers of its days that has at least {LEAST_NOTICED} votes, as many as are usual "
        f"at its age, and a trend of {LEAST_TREND} or more. It is the {describe_place(parts)}."
    )


def slice_table(ranked: Mapping[int, TrendParts]) -> str:
    """The papers of the trending slice with what put them there, the most talked about first."""
    chosen = {pk: parts for pk, parts in ranked.items() if is_trending(parts)}
    papers = Paper.objects.in_bulk(chosen)
    table = Table(box=None, pad_edge=False)
    for name in ("trend", "votes", "usual"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("why", "paper"):
        table.add_column(name, overflow="fold")
    for pk, parts in chosen.items():
        why = f"{ordinal(parts.place)} of {parts.among}, {describe_evidence(parts)}"
        title = f"{shorten(papers[pk].title, TITLE_CHARS)} ({papers[pk].identifier})"
        numbers = (f"{parts.trend:.2f}", f"{parts.votes}", f"{parts.usual_votes:g}")
        table.add_row(*numbers, Text(why), Text(title))
    return print_table(table)


def slice_in_words(ranked: Mapping[int, TrendParts]) -> str:
    """How many of the counted papers are in the slice, and how trend and votes go together."""
    chosen = sum(is_trending(parts) for parts in ranked.values())
    counted = count_of(len(ranked), "paper")
    said = f"{chosen} of {counted} with a trend {'is' if chosen == 1 else 'are'} in the slice."
    talked = [sum(parts.parts.values()) for parts in ranked.values()]
    votes = [float(parts.votes) for parts in ranked.values()]
    if len(set(talked)) < 2 or len(set(votes)) < 2:
        return said
    agree = correlation(_list_ranks(talked), _list_ranks(votes))
    return (
        f"{said} Spearman's rank correlation of the trend before its decay with votes: {agree:.2f}."
    )


def _list_ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value; those that are equal share the mean of theirs."""
    ordered = sorted(values)
    return [(bisect_left(ordered, x) + bisect_right(ordered, x) - 1) / 2 for x in values]


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
