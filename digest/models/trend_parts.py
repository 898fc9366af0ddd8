"""What a paper's trend was made of when it was last scored: the shape of Paper.trend_parts.

docs/trend.md describes every stored key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

VERSION = 2


@dataclass(frozen=True, slots=True)
class TrendParts:
    """The trend of one paper with all it was made of; the defaults are those of an unscored paper.

    `parts` and `medians` go by the name of a signal: votes, velocity, comments, stars, sources.
    """

    trend: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)  # before the decay; they sum up
    medians: Mapping[str, float] = field(default_factory=dict)  # of the papers measured against
    category: str = ""  # of the papers measured against; "" for all categories of the day
    papers: int = 0  # measured against
    decay: float = 1.0  # 0.5 ^ (hours / 48)
    hours: int = 0  # whole hours since a source first listed it
    days: int = 1  # on which day since then, the first being 1
    votes: int = 0
    votes_since_yesterday: int = 0
    velocity: float = 0.0  # votes a day, now
    pace: float = 0.0  # votes a day, before the day that velocity looks at
    comments: int = 0
    stars: int = 0
    stars_gained: int = 0  # since they were first counted: what its part is made of
    sources: int = 1  # independent sources, all of them
    further_sources: float = 0.0  # the weights of those beyond the first
    place: int = 0  # by how much it was talked about, among the papers of its days; 0: not counted
    among: int = 0  # papers of its days
    usual_votes: float = 0.0  # that its category has at its age

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what Paper.trend_parts holds, rows of version 0 (without "version") included."""
        group = stored.get("yardstick", {})
        return cls(
            trend=stored.get("trend", 0.0),
            parts=stored.get("parts", {}),
            medians=stored.get("medians", {}),
            category=group.get("category", ""),
            papers=group.get("papers", 0),
            decay=stored.get("decay", 1.0),
            hours=stored.get("hours", 0),
            days=stored.get("days", 1),
            votes=stored.get("votes", 0),
            votes_since_yesterday=stored.get("votes_since_yesterday", 0),
            velocity=stored.get("velocity", 0.0),
            pace=stored.get("pace", 0.0),
            comments=stored.get("comments", 0),
            stars=stored.get("stars", 0),
            stars_gained=stored.get("stars_gained", 0),
            sources=stored.get("sources", 1),
            further_sources=stored.get("further_sources", 0.0),
            place=stored.get("place", 0),
            among=stored.get("among", 0),
            usual_votes=stored.get("usual_votes", 0.0),
        )

    def to_json(self) -> dict[str, Any]:
        """What Paper.trend_parts is to hold; queries filter by these keys (velocity)."""
        return {
            "version": VERSION,
            "trend": self.trend,
            "parts": dict(self.parts),
            "medians": dict(self.medians),
            "yardstick": {"category": self.category, "papers": self.papers},
            "decay": self.decay,
            "hours": self.hours,
            "days": self.days,
            "votes": self.votes,
            "votes_since_yesterday": self.votes_since_yesterday,
            "velocity": self.velocity,
            "pace": self.pace,
            "comments": self.comments,
            "stars": self.stars,
            "stars_gained": self.stars_gained,
            "sources": self.sources,
            "further_sources": self.further_sources,
            "place": self.place,
            "among": self.among,
            "usual_votes": self.usual_votes,
        }


def list_stored_parts(stored: Mapping[str, Any]) -> list[tuple[str, object]]:
    """The stored keys in alphabetical order with their values, for a person to look at."""
    return sorted((name, value) for name, value in stored.items() if name != "version")
