"""Counting calls to the provider inside and outside the database, and holding if they differ."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.high_water.marks import Marks, raise_marks, read_marks
from digest.models import CallCount, Installation

SLOTS = 32  # workers that count at the same moment mostly have one each
_last_seen: dict[str, UUID | None] = {}  # which database this process asked last


@dataclass(frozen=True)
class Hold:
    """Why nothing is composed or delivered: more was promised than this database knows of."""

    calls: int  # to the provider, of which the database knows nothing; at least so many
    known_until: datetime | None  # when the last call began that the database knows of
    promised_at: datetime | None  # when the last call began of all

    def __str__(self) -> str:
        known = {"calls": self.calls}
        many = ngettext("%(calls)s call", "%(calls)s calls", self.calls) % known
        if self.promised_at is None:
            which = _("%(calls)s to the email provider") % {"calls": many}
        else:
            moment = f"{self.promised_at:%Y-%m-%d %H:%M}"
            which = _("%(calls)s to the email provider, the last of them at %(moment)s UTC")
            which %= {"calls": many, "moment": moment}
        return _(
            "The database is older than what was mailed: it knows nothing of %(which)s. "
            "It looks like a backup that came back. No digest leaves until `manage.py reconcile` "
            "has settled which were sent (docs/operate/backup.md)."
        ) % {"which": which}


def find_installation() -> UUID | None:
    """The id of this database; None where somebody has emptied all its tables."""
    return Installation.objects.order_by("pk").values_list("pk", flat=True).first()


def name_installation() -> UUID:
    """The id of this database, made where there was none."""
    return find_installation() or Installation.objects.create().pk


def count_call(now: datetime) -> None:
    """Count a call that is about to be made: here at once, and outside when this is committed.

    Call it in the transaction that marks the call's rows, as its last statement: the row of a slot
    is locked until the transaction ends.
    """
    slot = threading.get_native_id() % SLOTS
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO digest_callcount (slot, number, counted_at) VALUES (%s, 1, %s)"
            " ON CONFLICT (slot) DO UPDATE SET number = digest_callcount.number + 1,"
            " counted_at = excluded.counted_at"
            " RETURNING number, (SELECT id FROM digest_installation ORDER BY id LIMIT 1)",
            [slot, connection.ops.adapt_datetimefield_value(now)],
        )
        number, name = cursor.fetchone()
    installation = UUID(str(name)) if name else name_installation()
    note = partial(raise_marks, installation, Marks({slot: number}, now))
    transaction.on_commit(note, robust=True)


def read_counts() -> Marks:
    """What this database knows of."""
    return _read_inside()[1]


def _read_inside() -> tuple[UUID | None, Marks]:
    """Which database this is and what it knows of: one query, two where it knows of no call."""
    name = Installation.objects.order_by("pk").values("pk")[:1]
    rows = CallCount.objects.annotate(installation=Subquery(name))
    installation, counts = None, Marks()
    for row in rows.values_list("installation", "slot", "number", "counted_at"):
        installation = row[0]
        counts = counts.join(Marks({row[1]: row[2]}, row[3]))
    return installation or find_installation(), counts


def find_hold() -> Hold | None:
    """Why nothing may be composed or delivered now; None in all ordinary times.

    What is outside is read first: what others promise meanwhile is then surely in the database.
    """
    installation = _last_seen.get("installation")
    while True:
        promised = read_marks(installation) if installation else Marks()
        found, known = _read_inside()
        if found == installation:
            break
        # The first look of this process, or another database has taken the place of ours.
        _last_seen["installation"] = installation = found
    missing = sum(
        max(0, number - known.numbers.get(slot, 0)) for slot, number in promised.numbers.items()
    )
    return Hold(missing, known.noted_at, promised.noted_at) if missing else None


def has_lost_marks() -> bool:
    """Whether calls were made and no mark of any of them is left outside."""
    return not read_marks(name_installation()).numbers and CallCount.objects.exists()


def write_marks_anew() -> None:
    """Promise outside what the database knows of."""
    raise_marks(name_installation(), read_counts())


def start_hold(installation: UUID, counts: Marks, promised_at: datetime | None) -> None:
    """Hold the database of that id from now on, where it knows of these calls and no others.

    `promised_at` is when the last call began of which it does not know, as far as anybody knows.
    """
    above = {**counts.numbers, 0: counts.numbers.get(0, 0) + 1}
    raise_marks(installation, Marks(above, promised_at))


@transaction.atomic
def end_hold(now: datetime) -> None:
    """Let the database know of all that was promised: what was mailed since is settled."""
    promised = read_marks(name_installation()).join(read_counts())
    rows = [CallCount(slot=slot, number=n, counted_at=now) for slot, n in promised.numbers.items()]
    CallCount.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["slot"],
        update_fields=["number", "counted_at"],
    )
