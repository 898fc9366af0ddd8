"""Marking how far the rows of a call got: begun, called under a key, given back, or settled.

Each mark is made only while the claim stands under which the rows were taken, so that two workers,
a sweep and a provider's report can all come at once. Every call waits for its marks, so each is one
statement and one version of a row, written by hand: Django's own way to the same statements took
several times as long as PostgreSQL takes to carry them out.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

from digest.deliver.kept_results import drop_kept, keep_results, list_kept_results
from digest.deliver.provider.traits import ProviderTraits
from digest.high_water.hold import count_call
from digest.models import Delivery
from subscribers.models import Subscriber

Status = Delivery.Status
logger = logging.getLogger(__name__)

# Seconds before we try again to mark what became of a call: a database that is started anew is
# back within a minute.
MARK_PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
NO_TRAITS = ProviderTraits()  # nothing may be repeated
MARKED = ("status", "sent_at", "error", "retry_at", "maybe_sent_at", "attempts")
OPEN = (Status.CLAIMED, Status.PLANNED, Status.IN_DOUBT)


@transaction.atomic
def begin_calls(
    deliveries: Sequence[Delivery],
    now: datetime,
    traits: ProviderTraits = NO_TRAITS,
    call: str = "",
) -> set[int]:
    """Note that a call begins now for these rows; returns the ids of those for which it may.

    It may not where the claim was taken from us meanwhile, or the subscriber left; nor where an
    earlier call for the row got no answer and the provider may have forgotten its key by now.
    """
    claimed_at = {delivery.claimed_at for delivery in deliveries}
    mailable, mailable_values = _write_mailable()
    sql = _BEGIN.format(
        ids=_list_ids([delivery.pk for delivery in deliveries]),
        moments=_list(len(claimed_at)),
        mailable=mailable,
        subscribers=_list_ids([delivery.subscriber_id for delivery in deliveries]),
    )
    values = [
        _adapt_moment(now),
        traits.name,
        call,
        Status.CLAIMED,
        *[_adapt_moment(moment) for moment in claimed_at],
        *mailable_values,
        _adapt_moment(now - max(traits.key_lifetime, traits.call_lifetime)),
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        begun = {pk for (pk,) in cursor.fetchall()}
    if begun:
        count_call(now)  # last of all: whoever counts in the same slot waits for our commit
    return begun


# The subscribers are named as well: a database with old statistics would start from everybody. They
# are mostly of a time when no row was open, so that it would also go through the index of open rows
# for each call; behind the empty text it does not see that this index has the rows.
_BEGIN = (
    "UPDATE digest_delivery SET maybe_sent_at = COALESCE(maybe_sent_at, %s),"
    " provider = %s, call = %s"
    " WHERE id IN ({ids})"
    " AND (status || '' = %s AND claimed_at IN ({moments}))"
    " AND (subscriber_id IN ({mailable} AND subscribers_subscriber.id IN ({subscribers})))"
    " AND (maybe_sent_at IS NULL OR maybe_sent_at > %s)"
    " RETURNING id"
)


@cache
def _write_mailable() -> tuple[str, tuple[Any, ...]]:
    """The query for the ids of all who are mailable, and its values."""
    subscribers = Subscriber.objects.mailable().order_by()
    sql, values = subscribers.values("pk").query.sql_with_params()
    return str(sql), tuple(values)


@transaction.atomic
def note_call(deliveries: Sequence[Delivery], key: str) -> bool:
    """Write down which rows go together in the call that begins now, and under which key.

    Whether the call may be made: not where the claim of one was taken from us meanwhile. Whoever
    took it back found no call beside it, and has planned it anew.
    """
    count = _still_ours(deliveries).update(call=key)
    if count < len(deliveries):
        transaction.set_rollback(True)
    return count == len(deliveries)


def _still_ours(deliveries: Sequence[Delivery]) -> QuerySet[Delivery]:
    """The rows as long as the claim stands under which these, all of one chunk, were taken."""
    # By their ids, and not by the index of open rows, which old statistics take for empty.
    state = Concat("status", Value(""))
    return Delivery.objects.alias(state=state).filter(
        pk__in=[delivery.pk for delivery in deliveries],
        state=Status.CLAIMED,
        claimed_at__in={delivery.claimed_at for delivery in deliveries},
    )


def give_back(deliveries: Sequence[Delivery]) -> None:
    """Plan the rows again, of which no call began."""
    for delivery in deliveries:
        delivery.status = Status.PLANNED
    if deliveries:
        _still_ours(deliveries).update(status=Status.PLANNED, attempts=F("attempts") - 1)


def mark_results(deliveries: Sequence[Delivery], pauses: Sequence[float] = MARK_PAUSES) -> None:
    """Write what became of the rows. A database that is away must not unlearn it.

    Tried again after each of the `pauses`, in seconds; raises what the database raises, and then
    it is kept in a file for mark_kept_results.
    """
    kept: Path | None = None
    if not deliveries:
        return
    for pause in (*pauses, None):
        try:
            _write_results(deliveries)
        except (OperationalError, InterfaceError) as error:
            logger.warning("What became of a call could not be marked yet: %s", error)
            connection.close()
            kept = kept or keep_results(deliveries)
            if pause is None:
                raise
            time.sleep(pause)
        else:
            if kept:
                drop_kept(kept)
            return


def mark_kept_results() -> int:
    """Write what was kept in files while the database was away; of how many mails.

    Safe to run twice and at once. What was taken for in doubt meanwhile is known after all.
    """
    count = 0
    for path, rows in list_kept_results():
        with transaction.atomic():
            count += sum(_write_kept(row) for row in rows)
        drop_kept(path)
    return count


def _write_kept(row: dict[str, Any]) -> int:
    marked = {name: row[name] for name in MARKED}
    rows = Delivery.objects.filter(key=row["key"])
    if row["status"] != Status.SENT:
        open_ = (Status.CLAIMED, Status.IN_DOUBT)
        return rows.filter(status__in=open_, claimed_at=row["claimed_at"]).update(**marked)
    written = rows.filter(status__in=OPEN).update(**marked)
    rows.filter(status=Status.SENT, message_id="").update(message_id=row["message_id"])
    return written


def _write_results(deliveries: Sequence[Delivery]) -> None:
    """One UPDATE for all rows that were marked alike."""
    alike: dict[tuple[object, ...], list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        alike[tuple(getattr(delivery, name) for name in MARKED)].append(delivery)
    with transaction.atomic() if len(alike) > 1 else nullcontext():
        for values, rows in alike.items():
            marked = dict(zip(MARKED, values, strict=True))
            if marked["status"] == Status.SENT:
                _write_sent(rows, values)
            else:
                _still_ours(rows).update(**marked)


def _write_sent(rows: Sequence[Delivery], marked: tuple[object, ...]) -> None:
    """What we know to be sent is sent, even where a sweep took the row from us meanwhile.

    The message id that a report brought before us stays.
    """
    values: list[Any] = [
        _adapt_moment(value) if isinstance(value, datetime) else value for value in marked
    ]
    pairs = ", ".join([f"({int(row.pk)}, %s)" for row in rows])
    sql = _SENT.format(pairs=pairs, open=_list(len(OPEN)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *[row.message_id for row in rows], *OPEN])


# bulk_update would take twenty times as long.
_SENT = (
    f"UPDATE digest_delivery SET {', '.join(f'{name} = %s' for name in MARKED)}, message_id ="
    " CASE WHEN digest_delivery.message_id = '' THEN sent.column2"
    " ELSE digest_delivery.message_id END"
    " FROM (VALUES {pairs}) AS sent"
    " WHERE digest_delivery.id = sent.column1 AND status IN ({open})"
)


def _list_ids(ids: Iterable[int]) -> str:
    """The numbers themselves: as values each would be adapted, which takes longer than to read."""
    return ", ".join([str(int(pk)) for pk in ids])


def _list(count: int) -> str:
    """Placeholders for so many values: %s, %s, %s."""
    return ", ".join(["%s"] * count)


def _adapt_moment(moment: datetime | None) -> Any:
    """A moment as the database at hand takes it."""
    return connection.ops.adapt_datetimefield_value(moment)
