"""Settling what is in doubt: mails whose call got no answer end as sent, or are mailed again.

The provider is asked where it can be (digest/deliver/message_search.py). Where it cannot, but its
reports are seen to come, a mail that is reported by none of them for long was never accepted. What
neither tells stays in doubt for an admin, and its papers come in the subscriber's next digest.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from digest.deliver.claims import EXPIRES_AFTER
from digest.deliver.message_search import SEARCHES, CannotTell, FoundMessage, Wanted
from digest.deliver.provider import Provider
from digest.models import Delivery
from digest.render import Typesetter
from subscribers.models import Subscriber

Status = Delivery.Status
logger = logging.getLogger(__name__)

MOST_ASKED = 50  # mails looked for in one run
FIRST_LOOK = timedelta(minutes=2)  # after the call; then as long again as it has lasted
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP = timedelta(days=7)  # then only an admin settles it
# Reports tell only where they are seen to come for mails of the same hours.
FEWEST_PEERS, LEAST_REPORTED = 20, 0.95
PEERS_WITHIN = timedelta(hours=1)
NEVER_ACCEPTED = "The provider never had it; it is mailed again."
CAME_LATER = "The provider never had it; its papers went into the next digest."


def settle_doubts(now: datetime, most: int = MOST_ASKED) -> Counter[str]:
    """Settle those that can be settled at `now`; safe to run twice and by many workers at once.

    Counts by the status that they were given; "asked" counts those that were looked for.
    """
    with Provider() as provider:
        rows = _select_waiting(now).filter(provider=provider.traits.name)
        waiting = list(rows.select_related("subscriber", "edition")[:most])
        done: Counter[str] = Counter()
        if not waiting:
            return done
        for delivery, subject in zip(waiting, _render_subjects(waiting), strict=True):
            _settle_one(delivery, subject, provider, now, done)
    return done


def mark_as_sent(rows: QuerySet[Delivery]) -> int:
    """Settle doubtful rows as sent, each since its call began; how many they were."""
    return rows.filter(status=Status.IN_DOUBT).update(
        status=Status.SENT,
        sent_at=Coalesce("maybe_sent_at", "claimed_at", "covers_until"),
        retry_at=None,
        error="",
    )


def mail_again(rows: QuerySet[Delivery], now: datetime) -> Counter[str]:
    """Plan doubtful rows anew, as if no call had been made; counts by the status given.

    Not where they are no longer news, nor where the subscriber's next digest has their papers.
    """
    doubtful = rows.filter(status=Status.IN_DOUBT)
    later = Delivery.objects.filter(
        Q(status=Status.QUIET) | Q(status__in=[Status.SENT, Status.PLANNED, Status.CLAIMED]),
        subscriber=OuterRef("subscriber"),
        covers_until__gt=OuterRef("covers_until"),
    )
    cleared = {"maybe_sent_at": None, "provider": "", "call": "", "retry_at": None}
    is_old = Q(covers_until__lt=now - EXPIRES_AFTER) | Exists(later)
    expired = doubtful.filter(is_old).update(status=Status.EXPIRED, error=CAME_LATER, **cleared)
    planned = doubtful.update(status=Status.PLANNED, error=NEVER_ACCEPTED, **cleared)
    return Counter({Status.EXPIRED.value: expired, Status.PLANNED.value: planned})


def _select_waiting(now: datetime) -> QuerySet[Delivery]:
    """What is in doubt and due to be looked for, what waits longest first."""
    rows = Delivery.objects.filter(status=Status.IN_DOUBT, maybe_sent_at__gt=now - GIVEN_UP)
    # The last call may have begun long after the first.
    last_claim = Coalesce("claimed_at", "maybe_sent_at")
    rows = rows.annotate(last_call_at=Greatest("maybe_sent_at", last_claim))
    is_due = Q(retry_at=None, last_call_at__lte=now - FIRST_LOOK) | Q(retry_at__lte=now)
    return rows.filter(is_due).order_by(F("retry_at").asc(nulls_first=True), "pk")


def _settle_one(
    delivery: Delivery, subject: str, provider: Provider, now: datetime, done: Counter[str]
) -> None:
    """Ask the provider, else look at its reports; where neither tells, look again later."""
    silence = now - _last_call(delivery)
    found, believed_after = None, provider.traits.believed_silence
    if provider.esp_name in SEARCHES:
        done["asked"] += 1
        try:
            found = _ask_for(delivery, subject, provider)
            believed_after = SEARCHES[provider.esp_name].believed_after
        except CannotTell as error:
            logger.warning("Delivery %s stays in doubt: %s", delivery.pk, error)
            is_silent = _do_reports_come(delivery)
        else:
            is_silent = found is None
    else:
        is_silent = _do_reports_come(delivery)
    if found:
        _note_found(delivery, found, done)
    elif is_silent and believed_after is not None and silence >= believed_after:
        done.update(mail_again(Delivery.objects.filter(pk=delivery.pk), now))
    else:
        _wait_longer(delivery, now)


def _render_subjects(waiting: Sequence[Delivery]) -> list[str]:
    """The subject of each mail as it was; empty where it cannot be rendered any more."""
    messages = Typesetter().render_all(waiting)
    return [str(message.subject) if message else "" for message in messages]


def _ask_for(delivery: Delivery, subject: str, provider: Provider) -> FoundMessage | None:
    since = delivery.maybe_sent_at
    assert since is not None  # they were selected by it
    address = _find_address_at(delivery.subscriber, since).lower()
    return provider.find_message(Wanted(str(delivery.key), address, subject, since))


def _find_address_at(subscriber: Subscriber, moment: datetime) -> str:
    """The subscriber's address at that moment: they may have moved since."""
    left_later = subscriber.former_addresses.filter(left_at__gt=moment).order_by("left_at", "pk")
    return left_later.values_list("email", flat=True).first() or subscriber.email


def _note_found(delivery: Delivery, found: FoundMessage, done: Counter[str]) -> None:
    row = Delivery.objects.filter(pk=delivery.pk)
    if mark_as_sent(row):
        row.filter(message_id="").update(message_id=found.message_id[:255])
        done[Status.SENT.value] += 1


def _do_reports_come(delivery: Delivery) -> bool:
    """Whether nearly all mails that left by this account in the same hours were reported."""
    since = delivery.maybe_sent_at
    assert since is not None  # they were selected by it
    peers = Delivery.objects.sent().filter(
        provider=delivery.provider, sent_at__range=(since - PEERS_WITHIN, since + PEERS_WITHIN)
    )
    is_reported = Q(delivered_at__isnull=False) | Q(bounced_at__isnull=False)
    count, reported = peers.count(), peers.filter(is_reported).count()
    return count >= FEWEST_PEERS and reported >= LEAST_REPORTED * count


def _last_call(delivery: Delivery) -> datetime:
    moments = [at for at in (delivery.maybe_sent_at, delivery.claimed_at) if at]
    return max(moments)


def _wait_longer(delivery: Delivery, now: datetime) -> None:
    """Look for it again when it has been in doubt twice as long."""
    wait = min(max(now - _last_call(delivery), FIRST_LOOK), LONGEST_WAIT)
    rows = Delivery.objects.filter(pk=delivery.pk, status=Status.IN_DOUBT)
    rows.update(retry_at=now + wait)
