"""What was chosen for one subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.compose.candidates import Choice


@dataclass(frozen=True)
class Selection:
    """The papers for one profile in their order, or a Delivery.Quiet reason for none."""

    reason: str
    choices: Sequence[Choice] = ()
    nearly: Sequence[int] = ()  # ids of the best papers that had no room
    near: Sequence[Choice] = ()  # papers close to the topics; they make no digest by themselves
    in_topics: int = 0  # papers that there are in the topics, those without room too
    since: datetime | None = None  # they became available later
