"""Asking a provider about each mail in doubt, several at once: where it finds it by our key."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from digest.deliver.doubt.account_proof import AccountProof
from digest.deliver.doubt.doubts import (
    CHUNK,
    DoubtRun,
    mark_as_sent,
    put_off,
    read_addresses,
    read_since,
    select_due,
    select_unchanged,
    write_next_looks,
)
from digest.deliver.provider.call_pool import CallPool
from digest.deliver.provider.message_search import (
    SEARCHES,
    CannotTell,
    FoundMessage,
    SearchRefused,
    Wanted,
)
from digest.deliver.provider.pacing import read_pace, take_turn
from digest.deliver.provider.send import Provider
from digest.models import Delivery

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # the longest wait before the run says that it lives
END_SECONDS = 4.0  # what is under way may still take once the process is told to end


@dataclass
class LookUp:
    """A question about one mail, and what came of it: found or not, or why nobody can tell."""

    delivery: Delivery
    wanted: Wanted
    due_at: datetime | None  # its `retry_at` as it was before it was taken
    found: FoundMessage | None = None
    problem: CannotTell | None = None
    failure: BaseException | None = None

    def make(self, provider: Provider, ask_owner: Callable[[Callable[[], None]], None]) -> None:  # noqa: ARG002
        try:
            self.found = provider.find_message(self.wanted)
        except CannotTell as error:
            self.problem = error


class LookUps:
    """The look-ups of one run; the first is waited for alone, since it may be refused."""

    def __init__(self, run: DoubtRun) -> None:
        self._run, self._pace = run, read_pace(run.esp_name)
        # Where the provider says how many it allows at once, they are for the mails that leave.
        size = 1 if self._pace.connections else settings.DELIVER_CALLS_AT_ONCE
        self._pool: CallPool[LookUp] = CallPool(size)
        self._taken: deque[LookUp] = deque()
        self._missing: list[Delivery] = []
        self._has_answered = self._is_refused = False
        self._proof = AccountProof(run.traits.name)

    def make_all(self) -> bool:
        """Until nothing is due, or the time is over, or one is refused; whether more is due."""
        with self._pool:
            try:
                while (wait := self._start_look_ups()) is not None or self._pool.under_way:
                    if self._run.is_ending():
                        self._pool.end_calls(END_SECONDS)
                    if look_up := self._pool.wait(min(wait or LOOK_SECONDS, LOOK_SECONDS)):
                        self._settle_look_up(look_up)
            finally:
                self._put_back()
        self._settle_missing()
        due = select_due(self._run.traits.provider, self._run.now)
        if self._is_refused:
            self._run.settle_by_reports(due)
            return False
        return due.exists()

    def _start_look_ups(self) -> float | None:
        """Start as many as may be now; seconds until the next may be, None where none is."""
        while self._run.may_go_on() and not self._is_refused:
            is_alone = self._pool.under_way and not self._has_answered
            if is_alone or not self._pool.has_room:
                return LOOK_SECONDS
            if not self._taken and not self._take_more():
                return None
            if wait := take_turn(self._run.traits.name, self._pace, 1):
                return wait
            self._run.done["asked"] += 1
            self._pool.start(self._taken.popleft())
        return None

    def _take_more(self) -> bool:
        """Take the next rows that are due, and put their next look off."""
        rows = list(select_due(self._run.traits.provider, self._run.now)[:CHUNK])
        addresses = read_addresses(Delivery.objects.filter(pk__in=[row.pk for row in rows]))
        for row in rows:
            wanted = Wanted(str(row.key), addresses.get(row.pk, ""), read_since(row))
            self._taken.append(LookUp(row, wanted, row.retry_at))
        put_off(rows, self._run.now)
        return bool(rows)

    def _settle_look_up(self, look_up: LookUp) -> None:
        self._has_answered = True
        row = look_up.delivery
        if isinstance(look_up.problem, SearchRefused):
            logger.warning("What is in doubt cannot be looked for now: %s", look_up.problem)
            self._is_refused = True
            self._run.settle_by_reports([row])
        elif look_up.problem:
            logger.warning("Delivery %s stays in doubt: %s", row.pk, look_up.problem)
            self._run.settle_by_reports([row])
        elif look_up.found:
            found = mark_as_sent(select_unchanged([row]), look_up.found.message_id)
            self._run.done[Delivery.Status.SENT.value] += found
        else:
            self._missing.append(row)
            if len(self._missing) == CHUNK:
                self._settle_missing()

    def _settle_missing(self) -> None:
        missing, self._missing = self._missing, []
        known = [row for row in missing if self._proof.is_seen(row.provider)]
        self._run.settle_missing(known, SEARCHES[self._run.esp_name].believed_after)
        self._run.settle_by_reports(row for row in missing if row not in known)

    def _put_back(self) -> None:
        """What was taken and not asked about is due as before."""
        rows: Sequence[Delivery] = [look_up.delivery for look_up in self._taken]
        for look_up in self._taken:
            look_up.delivery.retry_at = look_up.due_at
        write_next_looks(rows)
        self._taken.clear()
