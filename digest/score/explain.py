"""The trend's parts in words and numbers: what was counted, what is usual, what it adds."""

from __future__ import annotations

from dataclasses import dataclass

from digest.english import ordinal, plural
from digest.models import TrendParts
from digest.score.stage import HALF_LIFE_HOURS, WEIGHTS

# What each part counts, and which field of TrendParts has the count itself.
_SIGNS = {
    "votes": ("votes", "votes"),
    "velocity": ("votes since yesterday", "votes_since_yesterday"),
    "comments": ("comments", "comments"),
    "stars": ("stars of its code", "stars"),
    "sources": ("sources that mention it", "sources"),
}


@dataclass(frozen=True)
class TrendLine:
    """One sign of interest: how many, the median of its day and category, and what it adds."""

    sign: str
    count: int
    usual: str
    adds: float


@dataclass(frozen=True)
class TrendBreakdown:
    """All lines, their sum, and what is left of it after this time."""

    lines: list[TrendLine]
    total: float
    kept_percent: int
    half_life_hours: int = HALF_LIFE_HOURS


def break_down_trend(parts: TrendParts) -> TrendBreakdown | None:
    """The account behind a trend; None where nothing was counted."""
    lines = [_make_line(name, parts) for name in WEIGHTS if parts.parts.get(name)]
    if not lines:
        return None
    return TrendBreakdown(lines, sum(line.adds for line in lines), round(100 * parts.decay))


def _make_line(name: str, parts: TrendParts) -> TrendLine:
    sign, counted = _SIGNS[name]
    usual = parts.medians.get(name)
    # A further source's weight and a rate of votes have no median that reads beside the count.
    has_median = usual is not None and name not in ("sources", "velocity")
    usual_said = f"{usual:g}" if has_median else ""
    return TrendLine(sign, int(getattr(parts, counted)), usual_said, parts.parts[name])


def describe_evidence(parts: TrendParts) -> str:
    """Why a paper is trending, in words: "+41 votes since yesterday, 63 in all".

    Empty where no source counted anything.
    """
    votes, grown = parts.votes, parts.votes_since_yesterday
    said = []
    if grown:
        said += [f"+{grown} {plural(grown, 'vote')} since yesterday", f"{votes} in all"]
    elif votes:
        said.append(f"{votes} {plural(votes, 'vote')}")
    if parts.comments:
        said.append(f"{parts.comments} {plural(parts.comments, 'comment')}")
    # Two are no news where one of them counts votes: that list is made from the other.
    if parts.sources > (2 if votes else 1) and parts.trend > 0:
        said.append(f"in {parts.sources} sources")
    if said and parts.days > 1:
        said.append(f"{ordinal(parts.days)} day")
    return ", ".join(said)


LEAST_TREND, LEAST_NOTICED = 0.5, 2


def is_trending(parts: TrendParts) -> bool:
    """Whether a paper is talked about enough to stand under "trending".

    Its trend is that of half a median day or more, and two people at least, or three sources, took
    notice: a single vote is cast by whoever put the paper on its list.
    """
    is_noticed = parts.votes + parts.comments >= LEAST_NOTICED
    is_widespread = parts.sources > LEAST_NOTICED
    return parts.trend >= LEAST_TREND and (is_noticed or is_widespread)
