"""What was chosen for one subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.compose.candidates import Choice


@dataclass(frozen=True)
class Selection:
    """The papers for one profile in their order, or a Delivery.Quiet reason for no find."""

    reason: str
    choices: Sequence[Choice] = ()
    nearly: Sequence[int] = ()  # ids of the best papers that had no room
    near: Sequence[Choice] = ()  # papers close to the topics
    worth_a_mail: frozenset[int] = frozenset()  # ids of those near ones that need no find beside
    in_topics: int = 0  # papers that there are in the topics, those without room too
    since: datetime | None = None  # they became available later
    of_kinds: frozenset[int] = frozenset()  # ids of those choices that name a kind of a topic

    @property
    def papers(self) -> Sequence[Choice]:
        """What the mail holds, none for no mail: behind its finds, or where there is no find."""
        if self.choices:
            return [*self.choices, *self.near]
        return [choice for choice in self.near if choice.paper_id in self.worth_a_mail]
