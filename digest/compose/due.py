"""Who is due, chunk by chunk along the clock, as ranges of one index.

Whoever was passed is not looked at again in the same run: not those who were composed for, nor
those who stay due, nor those whom another composer holds. So a million who are due at the same hour
cost each chunk the same, and composers that run at once share the hour out without waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from digest.models import Delivery
from subscribers.models import Interest, Subscriber, Topic, list_due_ranges


class DueSubscriber(NamedTuple):
    """What composing asks of a subscriber; a model of each would cost more than to read them."""

    pk: int
    next_digest_at: datetime | None
    cadence: str
    timezone: str
    send_hour: int
    max_papers: int
    paused_until: datetime | None
    wants_everywhere: bool
    wants_passing: bool
    wants_near: bool


class DueSubscribers:
    """The subscribers due at `now`, each at most once; or the one with the address `only`."""

    def __init__(
        self, now: datetime, only: str | None = None, ready: AbstractSet[int] = frozenset()
    ) -> None:
        """`ready` are topics that nobody with a first digest waits for (`find_waiting`)."""
        self.ready = ready
        self._rows = Subscriber.objects.active()
        if only:
            self._rows = self._rows.filter(email=only)
        self._ranges = list_due_ranges(now)
        self._last: tuple[datetime | None, int] | None = None  # passed in the first of the ranges

    def has_any(self) -> bool:
        """Whether anybody is due, from the beginning: a look into the index for each range."""
        return any(
            _order_by_moment(self._rows.filter(one)).values_list("pk")[:1] for one in self._ranges
        )

    def lock_next(self, size: int) -> list[DueSubscriber]:
        """The next `size`, locked until the transaction ends; none at the end.

        Those whom another composer holds are left to it.
        """
        found: list[DueSubscriber] = []
        while self._ranges and len(found) < size:
            rows = self._lock_rows(size - len(found))
            found += rows
            if rows:
                self._last = (rows[-1].next_digest_at, rows[-1].pk)
            else:
                self._ranges, self._last = self._ranges[1:], None
        return found

    def _lock_rows(self, size: int) -> list[DueSubscriber]:
        """Up to `size` of the first range behind those passed: of the same moment, or of later."""
        rows = self._rows.filter(self._ranges[0])
        for behind in self._list_behind():
            wanted = _order_by_moment(rows.filter(behind))
            # SQLite lets only one write at a time anyway.
            locked = wanted.select_for_update(skip_locked=True)[:size]
            if found := [DueSubscriber(*row) for row in locked.values_list(*DueSubscriber._fields)]:
                return found
        return []

    def _list_behind(self) -> list[Q]:
        """Conditions, each a range of the index, for what is behind the last one passed."""
        if self._last is None:
            return [Q()]
        moment, pk = self._last
        same = Q(next_digest_at=moment, pk__gt=pk)
        return [same] if moment is None else [same, Q(next_digest_at__gt=moment)]


def _order_by_moment(rows: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    return rows.order_by("next_digest_at", "pk")


def find_waiting(subscriber_ids: Sequence[int], ready: AbstractSet[int] = frozenset()) -> set[int]:
    """Those who follow or mute a topic that no paper was compared with yet: they stay due.

    Topics in `ready` were compared as far back as a first digest goes: whoever had a digest may
    reach back farther, and waits for these too. Nearly always there is no such topic, and then
    nobody's interests are read.
    """
    if not Topic.objects.unmatched().order_by("pk").values_list("pk")[:1]:
        return set()
    rows = Interest.objects.unmatched().filter(subscriber_id__any_of=subscriber_ids)
    waiting, beginners = set[int](), set[int]()
    for subscriber_id, topic_id in rows.values_list("subscriber_id", "topic_id"):
        (beginners if topic_id in ready else waiting).add(subscriber_id)
    had_some = Delivery.objects.filter(subscriber_id__any_of=beginners) if beginners else None
    return waiting | set(had_some.values_list("subscriber_id", flat=True) if had_some else ())
