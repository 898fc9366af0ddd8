"""The trend's parts in words and numbers: what was counted, what is usual, what it adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digest.english import ordinal
from digest.models import TrendParts
from digest.score.stage import HALF_LIFE_HOURS, LEAST_NOTICED, WEIGHTS

# What each part counts, and which field of TrendParts has the count itself.
_SIGNS = {
    "votes": (gettext_lazy("votes"), "votes"),
    "velocity": (gettext_lazy("votes since yesterday"), "votes_since_yesterday"),
    "comments": (gettext_lazy("comments"), "comments"),
    "stars": (gettext_lazy("stars its code gained"), "stars_gained"),
    "sources": (gettext_lazy("sources that mention it"), "sources"),
}


COUNTED_EACH = timedelta(hours=12)  # votes are counted many times a day
_GAINED_THEN = gettext_lazy("votes in a day, when last counted")


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


def break_down_trend(parts: TrendParts, *, is_counted: bool = True) -> TrendBreakdown | None:
    """The account behind a trend; None where nothing was counted."""
    named = [name for name in WEIGHTS if parts.parts.get(name)]
    lines = [_make_line(name, parts, is_counted=is_counted) for name in named]
    if not lines:
        return None
    return TrendBreakdown(lines, sum(line.adds for line in lines), round(100 * parts.decay))


def _make_line(name: str, parts: TrendParts, *, is_counted: bool) -> TrendLine:
    sign, counted = _SIGNS[name]
    if name == "velocity" and not is_counted:
        sign = _GAINED_THEN
    usual = parts.medians.get(name)
    # A further source's weight and a rate of votes have no median that reads beside the count.
    has_median = usual is not None and name not in ("sources", "velocity")
    usual_said = f"{usual:g}" if has_median else ""
    return TrendLine(str(sign), int(getattr(parts, counted)), usual_said, parts.parts[name])


def is_counted_still(counted_at: datetime | None, now: datetime) -> bool:
    """Whether the last count of a paper's votes is so young that it tells of yesterday and today.

    What was gained "since yesterday" stays in the parts when nobody counts any more.
    """
    return counted_at is not None and counted_at > now - COUNTED_EACH


def describe_evidence(parts: TrendParts, *, is_counted: bool = True) -> str:
    """Why a paper is trending, in words: "+41 votes since yesterday, 63 in all".

    Empty where no source counted anything. Unless it `is_counted` still (`is_counted_still`),
    nothing is said of yesterday, nor of how many days it lasts.
    """
    votes, grown = parts.votes, parts.votes_since_yesterday if is_counted else 0
    said = []
    if grown:
        said += [
            ngettext("+%(votes)s vote since yesterday", "+%(votes)s votes since yesterday", grown)
            % {"votes": grown},
            _("%(votes)s in all") % {"votes": votes},
        ]
    elif votes:
        said.append(ngettext("%(votes)s vote", "%(votes)s votes", votes) % {"votes": votes})
    if comments := parts.comments:
        words = ngettext("%(comments)s comment", "%(comments)s comments", comments)
        said.append(words % {"comments": comments})
    # Two are no news where one of them counts votes: that list is made from the other.
    if parts.sources > (2 if votes else 1) and parts.trend > 0:
        said.append(_("in %(sources)s sources") % {"sources": parts.sources})
    if said and parts.days > 1 and is_counted:
        said.append(_("%(ordinal)s day") % {"ordinal": ordinal(parts.days)})
    return ", ".join(said)


SLICE = 10  # of so many papers of its days one is trending
LEAST_TREND = 0.5


def is_trending(parts: TrendParts) -> bool:
    """Whether a paper is in the top slice that stands under "trending".

    It is among the most talked-about tenth of its days (rounded, one paper at least), has as many
    votes as its category usually has at its age and never fewer than 3, and is talked about still:
    its trend is that of half a median day or more.
    """
    is_on_top = 0 < parts.place <= max(1, (parts.among + SLICE // 2) // SLICE)
    has_votes = parts.votes >= max(LEAST_NOTICED, parts.usual_votes)
    return is_on_top and has_votes and parts.trend >= LEAST_TREND


def describe_place(parts: TrendParts) -> str:
    """Where a paper stands among those of its days: "2nd of 31 papers of its days"."""
    if not parts.place:
        return _("not counted by any source")
    usual = _("%(usual_votes)s votes are usual at its age") % {
        "usual_votes": f"{parts.usual_votes:g}"
    }
    said = ngettext(
        "%(place)s most talked about of the %(papers)s paper of its days; %(usual)s",
        "%(place)s most talked about of the %(papers)s papers of its days; %(usual)s",
        parts.among,
    )
    return said % {
        "place": ordinal(parts.place),
        "papers": parts.among,
        "usual": usual,
    }
