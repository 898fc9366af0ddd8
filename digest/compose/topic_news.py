"""What one topic has to offer since a moment: its papers in their order, cut to what can matter.

All papers of a topic are in one order, so only its first ones can reach a digest, whoever follows
it: those that are on the topic, and behind them those that mention it in passing, which its floor
tells apart (subscribers/topics/sense.py). Within both the greater merit comes first,

    merit = strength + log2(max(1, trend))

so that neither rules alone: twice the talk about a paper is worth one more mention of the topic in
its abstract or so. Only what is talked about more than usual gains by it, so no single vote moves
anything, and only a paper that is surely on the topic: no number of votes lifts a passing mention.
The first CUT are kept for all who ask; those behind them are listed anew for whoever has had so
many of the first that too few are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from math import log2

from digest.models import TopicReason

MOST_SPELLINGS = 8  # of one topic, whose reasons are kept
CUT = 200  # papers looked at of a topic; more only if so many of them are excluded
# Where too few finds tell a topic's floor: nine of ten so strong ones were on theirs (docs/topics).
SURE_STRENGTH = 3.0

# What comes first has the smallest: is the topic mentioned in passing, the merit and the moment it
# became available, both below 0; then the paper, and its trend as far as the topic counts it.
Order = tuple[bool, float, float, int, float]


def find_sure_strength(floor: float, near_words: object) -> float:
    """From which strength a find is surely on its topic.

    A topic with words beside it (`near_words`) whose floor is not known has SURE_STRENGTH; names,
    categories and exact words are there or not.
    """
    return floor or (SURE_STRENGTH if near_words else 0.0)


def make_order(
    paper_id: int,
    trend: float,
    strength: float,
    available: float,
    floor: float = 0.0,
    sure: float = 0.0,
) -> Order:
    """The place of a paper among those of a topic; `available` in seconds since 1970."""
    talk = trend if strength >= sure else 0.0
    return (strength < floor, -compute_merit(strength, talk), -available, paper_id, talk)


def compute_merit(strength: float, talk: float) -> float:
    """What orders the papers of a topic; `talk` is the trend as far as the topic counts it."""
    return strength + log2(talk) if talk > 1.0 else strength


@dataclass(frozen=True, slots=True)
class Candidate:
    """One paper as one topic sees it."""

    paper_id: int
    trend: float
    strength: float
    where: str  # the found words, as Match.where has them
    available_at: datetime
    first_seen_at: datetime
    floor: float = 0.0  # of the topic
    sure: float = 0.0  # from which strength a find is surely on the topic

    @property
    def order(self) -> Order:
        at = self.available_at.timestamp()
        return make_order(self.paper_id, self.trend, self.strength, at, self.floor, self.sure)

    def order_at(self, times: float) -> Order:
        """The same for a subscriber for whom its merit counts so many times."""
        return bend_order(self.order, times)


def bend_order(order: Order, times: float) -> Order:
    """The order for a subscriber for whom the paper's merit counts so many times."""
    return (order[0], order[1] * times, *order[2:])


class TopicNews:
    """One topic's papers that became available after a moment, in their order."""

    def __init__(
        self,
        first: Sequence[tuple[Order, str]],
        count: int,
        earliest_at: datetime | None,
        list_all: Callable[[], Sequence[tuple[Order, str]]],
        count_on_it: int | None = None,
    ) -> None:
        """`first` holds the first CUT of the `count` papers, each with its found words.

        `count_on_it` of the `count` are on the topic, all where it is None. `list_all` lists all of
        them. `earliest_at` is when the oldest of those was first seen that an earlier digest may
        have held; None where there is none.
        """
        self.count, self.earliest_at = count, earliest_at
        self.count_on_it = count if count_on_it is None else count_on_it
        self.orders = [order for order, _ in first]
        self._first, self._list_all = first, list_all
        self._reasons: dict[str, Mapping[int, TopicReason]] = {}  # by what was typed

    @cached_property
    def found_words(self) -> Mapping[int, str]:
        """By the ids of its first CUT papers: the words in which the topic was found."""
        return {order[3]: where for order, where in self._first}

    @cached_property
    def paper_ids(self) -> frozenset[int]:
        """The ids of all its papers."""
        rows = self._list_all() if self.count > len(self._first) else self._first
        return frozenset(order[3] for order, _ in rows)

    @cached_property
    def ids_on_it(self) -> frozenset[int]:
        """The ids of its papers that are on the topic, and do not only mention it."""
        rows = self._list_all() if self.count_on_it > len(self._first) else self._first
        return frozenset(order[3] for order, _ in rows if not order[0])

    @cached_property
    def ids_in_passing(self) -> frozenset[int]:
        """The ids of its papers that only mention the topic."""
        return self.paper_ids - self.ids_on_it if self.count > self.count_on_it else frozenset()

    def count_papers(self, *, with_passing: bool) -> int:
        """How many papers it has, those that mention it in passing with them or not."""
        return self.count if with_passing else self.count_on_it

    def list_best(
        self, excluded: AbstractSet[int], wanted: int, *, with_passing: bool = True
    ) -> list[Order]:
        """The first `wanted` papers that are not excluded."""
        count = self.count_papers(with_passing=with_passing)
        orders = self.orders if count >= len(self.orders) else self.orders[:count]
        if not excluded and (wanted <= len(orders) or count <= len(orders)):
            return orders[:wanted]
        stay = (order for order in orders if order[3] not in excluded)
        best = list(islice(stay, wanted))
        if len(best) == wanted or count <= len(orders):
            return best
        behind = islice(self._list_all(), len(orders), count)
        stay = (order for order, _ in behind if order[3] not in excluded)
        return [*best, *islice(stay, wanted - len(best))]

    def list_looked_at(
        self, excluded: AbstractSet[int], wanted: int, *, with_passing: bool = True
    ) -> list[Order]:
        """The first CUT papers without those excluded; more only where too few are left then."""
        first = self.orders if with_passing else self.orders[: self.count_on_it]
        stay = [order for order in first if order[3] not in excluded]
        if len(stay) >= wanted:
            return stay
        return self.list_best(excluded, wanted, with_passing=with_passing)

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

    def map_reasons(
        self, topic_id: int, query: str, excluded: AbstractSet[int], wanted: int
    ) -> Mapping[int, TopicReason]:
        """The same as reasons of a topic that is typed so, made once for all who type it alike."""
        words = self.map_found_words(excluded, wanted)
        if words is not self.found_words:
            return {pk: TopicReason(topic_id, query, where) for pk, where in words.items()}
        if query not in self._reasons:
            if len(self._reasons) >= MOST_SPELLINGS:
                self._reasons.clear()
            self._reasons[query] = {
                pk: TopicReason(topic_id, query, where) for pk, where in words.items()
            }
        return self._reasons[query]


NO_NEWS = TopicNews((), 0, None, tuple)


def sum_up_candidates(candidates: Iterable[Candidate], since: datetime | None) -> TopicNews:
    """A topic's news from candidates in any order; `since` is None for a first digest."""
    ordered = sorted(candidates, key=lambda candidate: candidate.order)
    rows = [(c.order, c.where) for c in ordered]
    seen = (c.first_seen_at for c in ordered if since is None or c.first_seen_at <= since)
    on_it = sum(not order[0] for order, _ in rows)
    return TopicNews(rows[:CUT], len(rows), min(seen, default=None), lambda: rows, on_it)
