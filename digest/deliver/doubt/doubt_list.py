"""Reading a provider's list of mails once for all that is in doubt, where it cannot be searched.

The list is read page by page from its newest mail back to before the first call that is in doubt.
That may take longer than one run, so how far it was read is kept in the cache; what is lost of it
is only read again. A mail is known by its recipient, its subject and a moment after its call began.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from digest.deliver.doubt.account_proof import find_accounts
from digest.deliver.doubt.doubts import (
    CHUNK,
    GIVEN_UP,
    DoubtRun,
    mark_as_sent,
    put_off,
    read_addresses,
    read_since,
    select_doubtful,
    select_unchanged,
)
from digest.deliver.provider.batch_call import Call
from digest.deliver.provider.message_list import MessageLister
from digest.deliver.provider.message_listings import LISTINGS, ListedMessage
from digest.deliver.provider.message_search import CLOCKS_DIFFER, SEARCHES, CannotTell
from digest.deliver.provider.pacing import read_pace, take_turn
from digest.models import Delivery
from digest.render import Typesetter
from subscribers import forgiving_cache

logger = logging.getLogger(__name__)

WORTH_WAITING = 1.0  # seconds; for longer another run goes on


def is_listed(esp_name: str) -> bool:
    """Whether a provider's list is all that there is to ask it for."""
    return esp_name in LISTINGS and esp_name not in SEARCHES


@dataclass
class Reading:
    """One reading of the list, from when it began back to a moment."""

    began_at: datetime
    back_to: datetime
    waiting: dict[int, datetime]  # what it is to settle: ids of deliveries, in doubt since when
    place: Call | None = field(default_factory=dict)  # of the next page; None when all was read
    unclear: set[int] = field(default_factory=set)  # those of which it tells nothing for sure
    seen: set[str] = field(default_factory=set)  # accounts of which it has known mails


@dataclass
class ListState:
    """What is known of a provider's list from run to run."""

    present: Reading | None = None
    last: Reading | None = None  # the last one that came to its end


class ListReader:
    """A run's part of a reading."""

    def __init__(self, run: DoubtRun) -> None:
        self._run, self._listing = run, LISTINGS[run.esp_name]
        self._key = f"digest.doubt_list.2:{run.traits.name}".replace(" ", "-")
        state = forgiving_cache.read_instance(self._key, ListState) or ListState()
        present = state.present
        if present is None or present.began_at > run.now:  # a clock was set back
            present = self._begin_reading(state.last)
        self._reading, self._last = present, state.last
        self._by_address = self._group_by_address()
        others = self._select_doubtful().exclude(provider=run.traits.name)
        self._has_others = others.exists()
        self._typesetter = Typesetter()

    def read_on(self) -> float | None:
        """Until the list was read, or the time is over, or it is refused.

        Seconds until another run should follow; None where the next minute's is enough.
        """
        self._run.done["asked"] += len(self._reading.waiting)
        wait: float | None = 0.0
        try:
            with MessageLister() as lister:
                while not wait and self._is_to_read() and self._run.may_go_on():
                    wait = self._wait_for_turn()
                    if not wait:
                        self._read_page(lister)
        except CannotTell as error:
            logger.warning("What is in doubt cannot be looked for now: %s", error)
            self._put_off_rest()
            wait = None
            for rows in self._list_rest():
                self._run.settle_by_reports(rows)
        if self._is_to_read():
            self._keep_reading(ListState(self._reading, self._last))
            return wait
        self._settle_missing()
        return None

    def _is_to_read(self) -> bool:
        return self._reading.place is not None and bool(self._by_address)

    def _wait_for_turn(self) -> float:
        """0.0 where the next page may be asked for now; else seconds until it may be, if many."""
        if (wait := self._take_turn()) > WORTH_WAITING:
            return wait
        time.sleep(wait)
        return self._take_turn() if wait else 0.0

    def _take_turn(self) -> float:
        if pace := self._listing.own_pace:
            return take_turn(f"{self._run.traits.name} list"[:64], pace, 1)
        return take_turn(self._run.traits.name, read_pace(self._run.esp_name), 1)

    # -- which part of the list, and for whom ------------------------------------------------------

    def _begin_reading(self, last: Reading | None) -> Reading:
        """A reading for all in doubt, back to where the list may hold something new of it."""
        rows = self._select_doubtful().filter(maybe_sent_at__gt=self._run.now - GIVEN_UP)
        waiting = {row.pk: read_since(row) for row in rows.only("pk", "maybe_sent_at")}
        starts = [self._find_start(pk, since, last) for pk, since in waiting.items()]
        back_to = min(starts, default=self._run.now)
        before = last.waiting if last else {}
        unclear = {pk for pk in (last.unclear if last else ()) if before[pk] == waiting.get(pk)}
        return Reading(self._run.now, back_to, waiting, unclear=unclear)

    def _find_start(self, pk: int, since: datetime, last: Reading | None) -> datetime:
        """How far back the list may hold a mail that no earlier reading had to do with."""
        start = since - CLOCKS_DIFFER
        if last and last.waiting.get(pk) == since and last.began_at <= self._run.now:
            return max(start, last.began_at - self._listing.believed_after - CLOCKS_DIFFER)
        return start

    def _group_by_address(self) -> dict[str, list[int]]:
        """Ids of the deliveries that are looked for, by the address each went to."""
        by_address, waiting = defaultdict(list), self._reading.waiting
        for pk, address in read_addresses(self._select_doubtful()).items():
            if pk in waiting:
                by_address[address].append(pk)
        return by_address

    def _select_doubtful(self) -> QuerySet[Delivery]:
        return select_doubtful(self._run.traits.provider)

    # -- what the list tells -----------------------------------------------------------------------

    def _read_page(self, lister: MessageLister) -> None:
        reading = self._reading
        assert reading.place is not None
        page, reading.place = lister.read_page(reading.back_to, reading.place)
        if self._has_others:
            reading.seen |= find_accounts([message.message_id for message in page])
        by_delivery = defaultdict(list)
        for message in page:
            for pk in self._by_address.get(message.recipient, ()):
                if message.accepted_at >= reading.waiting[pk] - CLOCKS_DIFFER:
                    by_delivery[pk].append(message)
        self._settle_found(by_delivery)

    def _settle_found(self, by_delivery: dict[int, list[ListedMessage]]) -> None:
        """Settle those that one of their messages is known to be; the others are unclear."""
        rows = Delivery.objects.in_doubt().filter(pk__in=by_delivery)
        waiting = [
            row
            for row in rows.select_related("subscriber", "edition")
            if row.maybe_sent_at == self._reading.waiting[row.pk]
        ]
        mails = self._typesetter.render_all(waiting)
        for row, mail in zip(waiting, mails, strict=True):
            same = (m for m in by_delivery[row.pk] if mail and m.subject == str(mail.subject))
            if found := next(same, None):
                sent = mark_as_sent(select_unchanged([row]), found.message_id)
                self._run.done[Delivery.Status.SENT.value] += sent
            else:
                # A title may have been corrected since, and the subject with it.
                self._reading.unclear.add(row.pk)

    # -- how a reading ends ------------------------------------------------------------------------

    def _settle_missing(self) -> None:
        """What was found nowhere was never accepted, where the list can be believed by now."""
        reading, believed_after = self._reading, self._listing.believed_after
        # What was accepted since it began is not in it.
        believed_after += self._run.now - reading.began_at
        for rows in self._list_rest():
            put_off(rows, self._run.now)
            unclear = [row for row in rows if self._is_unclear(row)]
            self._run.settle_by_reports(unclear)
            missing = (row for row in rows if row not in unclear)
            self._run.settle_missing(missing, believed_after)
        self._keep_reading(ListState(last=reading))

    def _is_unclear(self, row: Delivery) -> bool:
        """Whether it may have been accepted though the list does not show it for sure."""
        if row.pk in self._reading.unclear:
            logger.warning("Delivery %s stays in doubt: another subject is listed.", row.pk)
            return True
        return row.provider not in {self._run.traits.name, *self._reading.seen}

    def _put_off_rest(self) -> None:
        for rows in self._list_rest():
            put_off(rows, self._run.now)

    def _list_rest(self) -> Iterable[Sequence[Delivery]]:
        """What is still in doubt of that which the reading is for, some at a time."""
        ids = list(self._reading.waiting)
        for first in range(0, len(ids), CHUNK):
            rows = Delivery.objects.in_doubt().filter(pk__in=ids[first : first + CHUNK])
            yield [row for row in rows if row.maybe_sent_at == self._reading.waiting[row.pk]]

    def _keep_reading(self, state: ListState) -> None:
        forgiving_cache.write_value(
            self._key, state, (GIVEN_UP + timedelta(days=1)).total_seconds()
        )
