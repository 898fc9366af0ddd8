"""Every change of an edition's state, each made only while the row is in the state before.

So workers, the admin and a command can all come at once, and whoever comes second changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from digest.flight.canary import choose_size, list_more, read_progress
from digest.models import Delivery, Edition, EditionFlight
from digest.models.flights import REASON_CHARS
from digest.watch.alarms import raise_alarm, resolve_alarm, select_lasting

State = EditionFlight.State


def name_alarm(edition: Edition) -> str:
    return f"edition-{edition.date}"


def begin_flight(flight: EditionFlight) -> None:
    """What was checked may leave: its canary, or all of it where it needs none.

    Called again where a small edition has grown: then its next mails go first.
    """
    size = choose_size(flight.edition)
    rows = EditionFlight.objects.filter(
        pk=flight.pk, state=flight.state, canary_size=0, released_at=None
    )
    rows.update(state=State.CANARY if size else State.FLYING, canary_size=size)


@transaction.atomic
def go_on_with_canary(flight: EditionFlight) -> EditionFlight:
    """Choose whom it still lacks; once it has left, note until when it is watched.

    One worker at a time: where another is at it, the row is returned as it was read.
    """
    rows = EditionFlight.objects.select_related("edition")
    rows = rows.select_for_update(of=("self",), skip_locked=True)
    row = rows.filter(pk=flight.pk, state=State.CANARY).first()
    if row is None or row.canary_until:
        return row or flight
    row.canary += list_more(row)
    progress = read_progress(row)
    row.canary = [pk for pk in row.canary if pk not in progress.void]
    row.canary_until = progress.find_watch_end()
    row.save(update_fields=["canary", "canary_until"])
    return row


def end_canary(flight: EditionFlight, now: datetime) -> None:
    """Let the others follow."""
    rows = EditionFlight.objects.filter(pk=flight.pk, state=State.CANARY, canary_until__lte=now)
    rows.update(state=State.FLYING, since=now)


def end_canary_early(flight: EditionFlight, now: datetime) -> bool:
    """Let the others follow before the time is over; False where its state changed meanwhile."""
    rows = EditionFlight.objects.filter(pk=flight.pk, state=State.CANARY, since=flight.since)
    return bool(rows.update(state=State.FLYING, since=now))


def hold_edition(flight: EditionFlight, check: str, reason: str, now: datetime) -> bool:
    """Let nothing more leave, and alarm; False where it was held or released meanwhile."""
    rows = EditionFlight.objects.filter(pk=flight.pk, released_at=flight.released_at)
    changed = rows.exclude(state=State.HELD).update(
        state=State.HELD,
        held_in=F("state"),
        since=now,
        held_by=check,
        reason=reason[:REASON_CHARS],
    )
    if changed:
        rows = EditionFlight.objects.select_related("edition")
        remind_of_hold(rows.get(pk=flight.pk), now)
    return bool(changed)


def describe_hold(flight: EditionFlight) -> str:
    """Since when the edition is held and why, and how it is released."""
    return _(
        "The edition of %(date)s is held since %(since)s UTC: none of its mails "
        "leaves. %(reason)s Look into it, then release it in the admin or with "
        "manage.py release_edition %(date)s."
    ) % {
        "date": flight.edition.date,
        "since": f"{flight.since:%Y-%m-%d %H:%M}",
        "reason": flight.reason,
    }


def remind_of_hold(flight: EditionFlight, now: datetime) -> None:
    """Raise the alarm of a held edition; while it lasts, the operators are told every hour."""
    raise_alarm(name_alarm(flight.edition), describe_hold(flight), now)


def release_edition(flight: EditionFlight, by: str, now: datetime) -> bool:
    """Let it go on where it was held; False where it is not held any more.

    What held it was looked at by a person: the mails are not checked again, and the breaker counts
    anew. An edition that was held before its canary has the canary still before it.
    """
    state = State.FLYING
    size = flight.canary_size
    if flight.held_in == State.PREFLIGHT:
        size = choose_size(flight.edition)
        state = State.CANARY if size else State.FLYING
    rows = EditionFlight.objects.filter(pk=flight.pk, state=State.HELD, since=flight.since)
    changed = rows.update(
        state=state,
        since=now,
        canary_size=size,
        counted_from=now,
        released_at=now,
        released_by=by[:150],
    )
    if changed:
        resolve_alarm(name_alarm(flight.edition), now)
    return bool(changed)


def end_alarms(now: datetime) -> None:
    """An edition of which nothing waits any more alarms nobody; it stays held."""
    is_open = Delivery.objects.filter(
        edition=OuterRef("edition"), status__in=[Delivery.Status.PLANNED, Delivery.Status.CLAIMED]
    )
    rows = EditionFlight.objects.filter(state=State.HELD).exclude(Exists(is_open))
    lasting = set(select_lasting().values_list("kind", flat=True))
    if lasting:
        for flight in rows.select_related("edition"):
            if name_alarm(flight.edition) in lasting:
                resolve_alarm(name_alarm(flight.edition), now)
