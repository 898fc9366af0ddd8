"""Settling what is in doubt: mails whose call got no answer end as sent, or are mailed again.

The provider is asked where it can be (digest/deliver/message_search.py). Where it cannot, but its
reports are seen to come, a mail that is reported by none of them for long was never accepted. What
neither tells stays in doubt for an admin, and its papers come in the subscriber's next digest.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from digest.deliver.message_search import (
    SEARCHES,
    CannotTell,
    FoundMessage,
    SearchRefused,
    Wanted,
)
from digest.deliver.pause import find_pause
from digest.deliver.provider import Provider
from digest.high_water.hold import find_hold
from digest.models import Delivery
from digest.models.contents import list_paper_ids
from digest.render import Typesetter
from subscribers.models import Subscriber

Status = Delivery.Status
logger = logging.getLogger(__name__)

MOST_ASKED = 50  # mails looked for in one run
RUN_SECONDS = 30.0  # then the next minute's run goes on
FIRST_LOOK = timedelta(minutes=2)  # after the call; then as long again as it has lasted
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP = timedelta(days=7)  # then only an admin settles it
# Reports tell only where they are seen to come for mails of the same hours.
FEWEST_PEERS, LEAST_REPORTED = 20, 0.95
PEERS_WITHIN = timedelta(hours=1)
NEVER_ACCEPTED = "The provider never had it; it is mailed again."
NOT_AGAIN = "The provider never had it; it is no longer news, or the next digest has its papers."


@dataclass
class _SettlingRun:
    """What one run keeps from row to row."""

    now: datetime
    provider: Provider
    done: Counter[str] = field(default_factory=Counter)
    ends_at: float = field(default_factory=lambda: time.monotonic() + RUN_SECONDS)
    is_reported: dict[datetime, bool] = field(default_factory=dict)  # by the hour of the call


def settle_doubts(now: datetime, most: int = MOST_ASKED) -> Counter[str]:
    """Settle those that can be settled at `now`; safe to run twice and by many workers at once.

    Counts by the status that they were given; "asked" counts those that were looked for. Ends early
    when the provider refuses to be asked, and asks nothing while it wants a pause.
    """
    with Provider() as provider:
        run = _SettlingRun(now, provider)
        pause = find_pause(provider.traits.name, now)
        if find_hold() or (pause and pause.until > now):
            return run.done
        rows = _select_waiting(now).filter(provider=provider.traits.name)
        for delivery in rows.select_related("subscriber", "edition")[:most]:
            if time.monotonic() > run.ends_at:
                break
            try:
                _settle_one(delivery, run)
            except SearchRefused as error:
                logger.warning("What is in doubt cannot be looked for now: %s", error)
                break
    return run.done


def mark_as_sent(rows: QuerySet[Delivery]) -> int:
    """Settle doubtful rows as sent, each since its call began; how many they were."""
    return rows.filter(status=Status.IN_DOUBT).update(
        status=Status.SENT,
        sent_at=Coalesce("maybe_sent_at", "claimed_at", "covers_until"),
        retry_at=None,
        error="",
    )


@transaction.atomic
def mail_again(rows: QuerySet[Delivery], now: datetime) -> Counter[str]:
    """Plan doubtful rows anew, as if no call had been made; counts by the status given.

    Not where they are no longer news, nor where a later digest of the subscriber has their papers.
    """
    doubtful = rows.filter(status=Status.IN_DOUBT).order_by("pk")
    subscriber_ids = list(doubtful.values_list("subscriber_id", flat=True))
    # Composing locks them too: no digest comes between this look and the change.
    locked = Subscriber.objects.select_for_update().filter(pk__in=subscriber_ids)
    list(locked.order_by("pk").values_list("pk"))
    waiting = list(doubtful)
    is_old = {d.pk for d in waiting if d.is_outdated(now) or _came_later(d)}
    cleared = {"maybe_sent_at": None, "provider": "", "call": "", "retry_at": None}
    ours = Delivery.objects.filter(pk__in=[d.pk for d in waiting], status=Status.IN_DOUBT)
    expired = ours.filter(pk__in=is_old).update(status=Status.EXPIRED, error=NOT_AGAIN, **cleared)
    planned = ours.update(status=Status.PLANNED, error=NEVER_ACCEPTED, **cleared)
    return Counter({Status.EXPIRED.value: expired, Status.PLANNED.value: planned})


def _came_later(delivery: Delivery) -> bool:
    """Whether a later digest that the subscriber has, or may have, holds one of its papers."""
    papers = set(list_paper_ids(delivery.contents))
    later = Delivery.objects.reached().filter(
        subscriber_id=delivery.subscriber_id, covers_until__gt=delivery.covers_until
    )
    contents = later.values_list("contents", flat=True)
    return any(papers.intersection(list_paper_ids(stored)) for stored in contents)


def _select_waiting(now: datetime) -> QuerySet[Delivery]:
    """What is in doubt and due to be looked for, what waits longest first."""
    rows = Delivery.objects.filter(status=Status.IN_DOUBT, maybe_sent_at__gt=now - GIVEN_UP)
    # The last call may have begun long after the first.
    last_claim = Coalesce("claimed_at", "maybe_sent_at")
    rows = rows.annotate(last_call_at=Greatest("maybe_sent_at", last_claim))
    is_due = Q(retry_at=None, last_call_at__lte=now - FIRST_LOOK) | Q(retry_at__lte=now)
    return rows.filter(is_due).order_by(Coalesce(F("retry_at"), F("last_call_at")), "pk")


def _settle_one(delivery: Delivery, run: _SettlingRun) -> None:
    """Ask the provider, else look at its reports; where neither tells, it waits on."""
    if not _take_for_look(delivery, run.now):
        return  # another worker looks for it, or it is settled
    try:
        found, believed_after = _ask_provider(delivery, run)
        is_missing = found is None
    except SearchRefused:
        raise
    except CannotTell as error:
        logger.warning("Delivery %s stays in doubt: %s", delivery.pk, error)
        found, believed_after = None, run.provider.traits.believed_silence
        is_missing = believed_after is not None and _do_reports_come(delivery, run)
    if found:
        _note_found(delivery, found, run)
    elif is_missing and believed_after and run.now - _last_call(delivery) >= believed_after:
        run.done.update(mail_again(_select_unchanged(delivery), run.now))


def _take_for_look(delivery: Delivery, now: datetime) -> bool:
    """Put its next look off to when it has been in doubt twice as long; for one worker alone."""
    wait = min(max(now - _last_call(delivery), FIRST_LOOK), LONGEST_WAIT)
    rows = _select_unchanged(delivery).filter(retry_at=delivery.retry_at)
    return rows.update(retry_at=now + wait) == 1


def _select_unchanged(delivery: Delivery) -> QuerySet[Delivery]:
    """The row while it is in doubt about the same call: it may have been mailed again since."""
    return Delivery.objects.filter(
        pk=delivery.pk,
        status=Status.IN_DOUBT,
        maybe_sent_at=delivery.maybe_sent_at,
        claimed_at=delivery.claimed_at,
    )


def _ask_provider(
    delivery: Delivery, run: _SettlingRun
) -> tuple[FoundMessage | None, timedelta | None]:
    """What the provider has of it, and after how long a "no" is believed. Raises CannotTell."""
    search = SEARCHES.get(run.provider.esp_name)
    if search is None:
        raise CannotTell("Its provider cannot be asked.")
    run.done["asked"] += 1
    since = delivery.maybe_sent_at
    assert since is not None  # they were selected by it
    address = _find_address_at(delivery.subscriber, since).lower()
    [message] = Typesetter().render_all([delivery])
    subject = str(message.subject) if message else ""
    wanted = Wanted(str(delivery.key), address, subject, since)
    return run.provider.find_message(wanted), search.believed_after


def _find_address_at(subscriber: Subscriber, moment: datetime) -> str:
    """The subscriber's address at that moment: they may have moved since."""
    left_later = subscriber.former_addresses.filter(left_at__gt=moment).order_by("left_at", "pk")
    return left_later.values_list("email", flat=True).first() or subscriber.email


def _note_found(delivery: Delivery, found: FoundMessage, run: _SettlingRun) -> None:
    if mark_as_sent(_select_unchanged(delivery)):
        row = Delivery.objects.filter(pk=delivery.pk, message_id="")
        row.update(message_id=found.message_id[:255])
        run.done[Status.SENT.value] += 1


def _do_reports_come(delivery: Delivery, run: _SettlingRun) -> bool:
    """Whether nearly all mails that left by this account in the same hours were reported."""
    since = delivery.maybe_sent_at
    assert since is not None  # they were selected by it
    hour = since.replace(minute=0, second=0, microsecond=0)
    if hour not in run.is_reported:
        around = (hour - PEERS_WITHIN, hour + 2 * PEERS_WITHIN)
        peers = Delivery.objects.sent().filter(provider=delivery.provider, sent_at__range=around)
        reported = Q(delivered_at__isnull=False) | Q(bounced_at__isnull=False)
        count, told = peers.count(), peers.filter(reported).count()
        run.is_reported[hour] = count >= FEWEST_PEERS and told >= LEAST_REPORTED * count
    return run.is_reported[hour]


def _last_call(delivery: Delivery) -> datetime:
    return max(at for at in (delivery.maybe_sent_at, delivery.claimed_at) if at)
