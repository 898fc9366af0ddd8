"""Stage 2. Give each recent paper one number: how much it is talked about now.

For each sign of interest x (votes, votes a day, comments, stars, weight of further sources), with
m the median of x among the popular papers listed on the same day in the same category:

    part(x) = WEIGHTS[x] · ln(1 + x) / ln(1 + max(m, LEAST_NOTICED))
    trend   = Σ part(x) · 0.5 ^ (whole hours since listed / HALF_LIFE_HOURS)

So a paper with the votes of its day's median gets the whole weight for them, and ten times the
votes count for more but not for ten times more. Without any sign of interest the trend is 0; one
vote is less than half of what is usual, however few the others have. In how many sources a paper
stands is counted and said, but weighs nothing. Beside the trend stands the paper's place among
those of its days (peers.py), which tells whether it is trending. The parts and the raw counts they
came from are stored beside the number. docs/trend.md tells it with an example.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.models import Paper, TrendParts
from digest.models.row_updates import update_rows
from digest.score.peers import GroupMedians, UsualVotes, rank_among_days
from digest.score.signals import PopularitySignals, read_signals, select_recent_papers

WEIGHTS: Mapping[str, float] = {
    "votes": 1.0,
    "velocity": 0.6,
    "comments": 0.4,
    "stars": 0.3,
    "sources": 0.0,
}
LEAST_NOTICED = 3  # of a sign: fewer are hardly ever more than usual
HALF_LIFE_HOURS = 48


@dataclass(frozen=True)
class ScoreReport:
    """How many recent papers there were, and how many of them have a trend."""

    papers: int
    trending: int


def score_papers(now: datetime) -> ScoreReport:
    """Score every paper first seen, or counted, within WINDOW before `now`.

    Safe to run twice: the same rows at the same `now` give the same numbers.
    """
    papers = {
        paper.pk: paper
        for paper in select_recent_papers(now).only("id", "categories", "trend_parts")
    }
    scored = compute_trends(papers, now)
    changed = []
    for pk, parts in scored.items():
        stored = parts.to_json()
        if stored != papers[pk].trend_parts:
            papers[pk].trend, papers[pk].trend_parts = parts.trend, stored
            changed.append(papers[pk])
    update_rows(changed, ["trend", "trend_parts"])
    return ScoreReport(len(scored), sum(parts.trend > 0 for parts in scored.values()))


def compute_trends(
    papers: Mapping[int, Paper], now: datetime, weights: Mapping[str, float] = WEIGHTS
) -> dict[int, TrendParts]:
    """The trend of each of the papers at `now` with all it is made of, by id; writes nothing."""
    signs = list(read_signals(papers, now))
    groups, usual = GroupMedians(signs), UsualVotes(signs)
    trends = {sign.paper_id: compute_trend(sign, groups, now, weights) for sign in signs}
    talked = {pk: sum(parts.parts.values()) for pk, parts in trends.items()}
    for sign, place, among in rank_among_days(signs, talked):
        trends[sign.paper_id] = replace(
            trends[sign.paper_id],
            place=place,
            among=among,
            usual_votes=usual.find_usual(sign, now),
        )
    return trends


def compute_trend(
    sign: PopularitySignals,
    groups: GroupMedians,
    now: datetime,
    weights: Mapping[str, float] = WEIGHTS,
) -> TrendParts:
    """The trend of one paper at `now` with all it is made of, rounded as it is stored."""
    medians = groups.find_medians(sign)
    parts = {
        name: compute_part(name, x, medians[name], weights)
        for name, x in sign.list_counts().items()
    }
    hours = int((now - sign.listed_at) / timedelta(hours=1))  # whole, so rows change once an hour
    decay = 0.5 ** (hours / HALF_LIFE_HOURS)
    category, papers = groups.find_group(sign)
    return TrendParts(
        trend=round(sum(parts.values()) * decay, 4),
        parts={name: round(value, 4) for name, value in parts.items()},
        medians=medians,
        category=category,
        papers=papers,
        decay=round(decay, 4),
        hours=hours,
        days=hours // 24 + 1,
        votes=sign.votes,
        votes_since_yesterday=sign.votes_since_yesterday,
        velocity=round(sign.velocity, 2),
        pace=round(sign.pace, 2),
        comments=sign.comments,
        stars=sign.stars_in_all,
        stars_gained=sign.stars,
        sources=sign.mentioned_by,
        further_sources=round(sign.sources, 4),
    )


def compute_part(
    name: str, x: float, middle: float, weights: Mapping[str, float] = WEIGHTS
) -> float:
    """One sign's share of the trend, 0 when x is 0; the formula at the top of this file."""
    return weights[name] * math.log1p(x) / math.log1p(max(middle, LEAST_NOTICED))
