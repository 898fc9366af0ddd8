"""The trend's parts in words and numbers: what was counted, what is usual, what it adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digest.english import ordinal, plural
from digest.score.stage import HALF_LIFE_HOURS, WEIGHTS

# What each part counts, and under which name Paper.trend_parts keeps the count itself.
_SIGNS = {
    "votes": ("votes", "votes"),
    "velocity": ("votes since yesterday", "votes_since_yesterday"),
    "comments": ("comments", "comments"),
    "stars": ("stars of its code", "stars"),
    "sources": ("sources that mention it", "sources"),
}


@dataclass(frozen=True)
class Line:
    """One sign of interest: how many, the median of its day and category, and what it adds."""

    sign: str
    count: int
    usual: str
    adds: float


@dataclass(frozen=True)
class Reckoning:
    """All lines, their sum, and what is left of it after this time."""

    lines: list[Line]
    total: float
    kept_percent: int
    half_life_hours: int = HALF_LIFE_HOURS


def reckon(parts: Mapping[str, Any]) -> Reckoning | None:
    """The account behind Paper.trend_parts; None where nothing was counted."""
    added: Mapping[str, float] = parts.get("parts", {})
    lines = [_line(name, parts, added[name]) for name in WEIGHTS if added.get(name)]
    if not lines:
        return None
    return Reckoning(lines, sum(line.adds for line in lines), round(100 * parts.get("decay", 1)))


def _line(name: str, parts: Mapping[str, Any], adds: float) -> Line:
    sign, key = _SIGNS[name]
    usual = parts.get("medians", {}).get(name)
    # A further source's weight and a rate of votes have no median that reads beside the count.
    has_median = usual is not None and name not in ("sources", "velocity")
    return Line(sign, int(parts.get(key, 0)), f"{usual:g}" if has_median else "", adds)


def evidence(parts: Mapping[str, Any]) -> str:
    """Why a paper is trending, from Paper.trend_parts: "+41 votes since yesterday, 63 in all".

    Empty where no source counted anything.
    """
    votes, grown = parts.get("votes", 0), parts.get("votes_since_yesterday", 0)
    said = []
    if grown:
        said += [f"+{grown} {plural(grown, 'vote')} since yesterday", f"{votes} in all"]
    elif votes:
        said.append(f"{votes} {plural(votes, 'vote')}")
    if comments := parts.get("comments", 0):
        said.append(f"{comments} {plural(comments, 'comment')}")
    # Two are no news where one of them counts votes: that list is made from the other.
    if (sources := parts.get("sources", 1)) > (2 if votes else 1) and parts.get("trend", 0) > 0:
        said.append(f"in {sources} sources")
    if said and (days := parts.get("days", 1)) > 1:
        said.append(f"{ordinal(days)} day")
    return ", ".join(said)


LEAST_TREND, LEAST_NOTICED = 0.5, 2


def is_trending(parts: Mapping[str, Any]) -> bool:
    """Whether a paper is talked about enough to stand under "trending", from Paper.trend_parts.

    Its trend is that of half a median day or more, and two people at least, or three sources, took
    notice: a single vote is cast by whoever put the paper on its list.
    """
    noticed = parts.get("votes", 0) + parts.get("comments", 0) >= LEAST_NOTICED
    is_widespread = parts.get("sources", 1) > LEAST_NOTICED
    return bool(parts.get("trend", 0.0) >= LEAST_TREND and (noticed or is_widespread))
