"""What one topic has to offer since a moment: its papers in their order, cut to what can matter.

All papers of a topic are in one order, by trend and then by strength, so only its first ones can
reach a digest, whoever follows it. The first CUT are kept for all who ask; those behind them are
listed anew for whoever has had so many of the first that too few are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

CUT = 200  # papers looked at of a topic; more only if so many of them are excluded

Order = tuple[float, float, float, int]  # what comes first has the smallest; ends with the paper


@dataclass(frozen=True, slots=True)
class Candidate:
    """One paper as one topic sees it."""

    paper_id: int
    trend: float
    strength: float
    where: str  # the found words, as Match.where has them
    available_at: datetime
    first_seen_at: datetime

    @property
    def order(self) -> Order:
        return self.order_at(1.0)

    def order_at(self, times: float) -> Order:
        """The same for a subscriber for whom trend and strength count so many times."""
        at = -self.available_at.timestamp()
        return (-self.trend * times, -self.strength * times, at, self.paper_id)


def bend_order(order: Order, times: float) -> Order:
    """The order for a subscriber for whom trend and strength count so many times."""
    return (order[0] * times, order[1] * times, order[2], order[3])


class TopicNews:
    """One topic's papers that became available after a moment, in their order."""

    def __init__(
        self,
        first: Sequence[tuple[Order, str]],
        count: int,
        earliest_at: datetime | None,
        list_all: Callable[[], Sequence[tuple[Order, str]]],
    ) -> None:
        """`first` holds the first CUT of the `count` papers, each with its found words.

        `list_all` lists all of them. `earliest_at` is when the oldest of those was first seen that
        an earlier digest may have held; None where there is none.
        """
        self.count, self.earliest_at = count, earliest_at
        self.orders = [order for order, _ in first]
        self._first, self._list_all = first, list_all

    @cached_property
    def found_words(self) -> Mapping[int, str]:
        """By the ids of its first CUT papers: the words in which the topic was found."""
        return {order[3]: where for order, where in self._first}

    @cached_property
    def paper_ids(self) -> frozenset[int]:
        """The ids of all its papers."""
        rows = self._list_all() if self.count > len(self._first) else self._first
        return frozenset(order[3] for order, _ in rows)

    def list_best(self, excluded: AbstractSet[int], wanted: int) -> list[Order]:
        """The first `wanted` papers that are not excluded."""
        if not excluded:
            return self.orders[:wanted]
        stay = (order for order in self.orders if order[3] not in excluded)
        best = list(islice(stay, wanted))
        if len(best) == wanted or self.count <= len(self.orders):
            return best
        behind = islice(self._list_all(), len(self.orders), None)
        stay = (order for order, _ in behind if order[3] not in excluded)
        return [*best, *islice(stay, wanted - len(best))]

    def list_looked_at(self, excluded: AbstractSet[int], wanted: int) -> list[Order]:
        """The first CUT papers without those excluded; more only where too few are left then."""
        stay = [order for order in self.orders if order[3] not in excluded]
        return stay if len(stay) >= wanted else self.list_best(excluded, wanted)

    def map_found_words(self, excluded: AbstractSet[int], wanted: int) -> Mapping[int, str]:
        """By the ids of the papers looked at the words in which the topic was found.

        Some of those excluded are among them.
        """
        if self.count <= len(self.orders) or len(self.orders) - len(excluded) >= wanted:
            return self.found_words
        looked_at = {order[3] for order in self.list_looked_at(excluded, wanted)}
        behind = islice(self._list_all(), len(self.orders), None)
        more = {order[3]: where for order, where in behind if order[3] in looked_at}
        return {**self.found_words, **more}


def sum_up_candidates(candidates: Iterable[Candidate], since: datetime | None) -> TopicNews:
    """A topic's news from candidates in any order; `since` is None for a first digest."""
    ordered = sorted(candidates, key=lambda candidate: candidate.order)
    rows = [(c.order, c.where) for c in ordered]
    seen = (c.first_seen_at for c in ordered if since is None or c.first_seen_at <= since)
    return TopicNews(rows[:CUT], len(rows), min(seen, default=None), lambda: rows)
