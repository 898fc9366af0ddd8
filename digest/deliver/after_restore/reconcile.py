"""After a backup came back: settling what was mailed since, so that nobody is mailed it again.

Two kinds of mail left in the hole between the backup and now. Of some the backup has the delivery,
still planned: it is settled as sent. Others were composed in the hole: they get a delivery in their
edition again, sent and without papers since nobody knows them any more, and their subscriber's next
digest is the one after. What is not settled is sent when the hold ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, Least
from django.utils.translation import gettext_lazy as _

from digest.deliver.after_restore.unknown_mails import (
    UnknownMail,
    count_unknown_senders,
    find_unknown_mails,
)
from digest.deliver.provider.message_list import MessageLister
from digest.deliver.provider.message_search import CLOCKS_DIFFER, CannotTell
from digest.high_water.hold import Hold, end_hold
from digest.high_water.senders import read_senders
from digest.models import Delivery, DigestContents, Edition
from subscribers.models import Subscriber
from subscribers.schedule import find_last_slot

Status = Delivery.Status
CHUNK = 500
LONGEST_HOLE = timedelta(days=45)  # as far back as a provider's list goes
# What a delivery can be in and yet have been mailed since the backup was made.
OPEN = (Status.PLANNED, Status.CLAIMED, Status.IN_DOUBT, Status.EXPIRED, Status.FAILED)
WAITING = (Status.PLANNED, Status.CLAIMED, Status.IN_DOUBT)
LOST_NOTE = _("Its papers went with the database that a backup took the place of.")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Settled:
    """What became of the hole, in numbers of mails."""

    known: int = 0  # their delivery was in the backup
    lost: int = 0  # composed after the backup
    strangers: int = 0  # to addresses that this database does not know
    waiting: int = 0  # planned, and sent when the hold ends

    @property
    def sent(self) -> int:
        return self.known + self.lost


class UnknownSenders(Exception):
    """The account mailed readers from these addresses too, and nobody knows whether digests."""

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__(counts)
        self.counts = counts


def reconcile_with_provider(hold: Hold, now: datetime, progress: Progress) -> Settled:
    """Settle what the provider says it accepted since the backup, and end the hold.

    `progress` is told how many messages were read. Raises CannotTell where it has no list, where
    the list did not come, and where it is too early to believe it; and UnknownSenders where it has
    mails to readers from an address that nobody knows: the hold stays until somebody says whose.
    """
    since = (hold.known_until or now - LONGEST_HOLE) - CLOCKS_DIFFER
    counts, unknown = Counter[str](), Counter[str]()
    senders = read_senders()
    with MessageLister() as lister:
        _check_age(hold, now, lister)
        for listed in lister.list_messages(since):
            # What is to come would count as the reader's last digest until then.
            page = [replace(one, accepted_at=min(one.accepted_at, now)) for one in listed]
            mails = find_unknown_mails(page, lister.listing.has_keys, senders.are_ours)
            counts.update(_settle_mails(mails))
            unknown.update(count_unknown_senders(page, lister.listing.has_keys, senders))
            progress(len(page))
    if unknown:
        raise UnknownSenders(unknown)
    end_hold(now)
    return _sum_up(counts)


def reconcile_by_date(sent_until: datetime, now: datetime, progress: Progress) -> Settled:
    """Take the operator's word that all that was due until then was sent, and end the hold.

    `progress` is told how many subscribers were gone through.
    """
    counts: Counter[str] = Counter()
    with transaction.atomic():
        counts["known"] += _settle_planned(sent_until)
        counts["lost"] += _settle_composed_since(sent_until)
    while chunk := _select_due(sent_until)[:CHUNK]:
        counts["lost"] += _settle_due(list(chunk), sent_until)
        progress(len(chunk))
    end_hold(now)
    return _sum_up(counts)


def count_waiting() -> int:
    """How many deliveries leave once the hold is over."""
    return Delivery.objects.planned().count()


def _sum_up(counts: Counter[str]) -> Settled:
    return Settled(counts["known"], counts["lost"], counts["strangers"], count_waiting())


def _check_age(hold: Hold, now: datetime, lister: MessageLister) -> None:
    """A message that was accepted a moment ago may not be in the provider's list yet."""
    if hold.promised_at is None:
        return  # nobody knows when the last call began
    waits_until = hold.promised_at + lister.listing.believed_after
    if now < waits_until:
        raise CannotTell(
            f"{lister.name}'s list may lack its newest messages until {waits_until:%H:%M} UTC: ask "
            "again then."
        )


# -- by the provider's list ------------------------------------------------------------------------


@transaction.atomic
def _settle_mails(mails: Sequence[UnknownMail]) -> Counter[str]:
    counts = Counter(known=_mark_known(mails))
    others = [mail for mail in mails if mail.delivery_id is None]
    ids = {mail.subscriber_id for mail in others if mail.subscriber_id}
    subscribers = Subscriber.objects.select_for_update().in_bulk(ids)
    for mail in others:
        if mail.subscriber_id is None:
            counts["strangers"] += 1
        else:
            counts.update(_settle_lost(mail, subscribers[mail.subscriber_id]))
    return counts


def _mark_known(mails: Iterable[UnknownMail]) -> int:
    """Mark the rows whose own key the provider told; how many they were."""
    done = 0
    for mail in mails:
        if mail.delivery_id:
            rows = Delivery.objects.filter(
                pk=mail.delivery_id, status__in=[*OPEN, Status.SUPPRESSED]
            )
            done += _mark_sent(rows, mail)
    return done


def _mark_sent(rows: QuerySet[Delivery], mail: UnknownMail) -> int:
    return rows.update(
        status=Status.SENT,
        sent_at=mail.message.accepted_at,
        message_id=mail.message.message_id[:255],
        retry_at=None,
        error="",
    )


def _settle_lost(mail: UnknownMail, subscriber: Subscriber) -> dict[str, int]:
    """A mail whose row is not known by a key: it is the subscriber's mail of that day."""
    slot = mail.message.accepted_at
    if subscriber.next_digest_at is not None:  # else it was their first, at any hour
        slot = _find_last_slot(subscriber, slot)
    day = _find_day(subscriber, slot)
    row = Delivery.objects.filter(edition__date=day, subscriber=subscriber).first()
    _move_next_date(subscriber, slot)
    if row:
        return {"known": _mark_sent(Delivery.objects.filter(pk=row.pk, status__in=OPEN), mail)}
    _make_lost(subscriber, day, slot, mail.message.accepted_at, mail).save()
    return {"lost": 1}


def _move_next_date(subscriber: Subscriber, slot: datetime) -> None:
    """Let the next digest be one of a later day than the one that was mailed."""
    following = _find_slot_after(subscriber, slot)
    if subscriber.next_digest_at is None or subscriber.next_digest_at < following:
        subscriber.next_digest_at = following
        subscriber.save(update_fields=["next_digest_at"])


def _make_lost(
    subscriber: Subscriber,
    day: date,
    covers_until: datetime,
    sent_at: datetime,
    mail: UnknownMail | None = None,
) -> Delivery:
    edition, _ = Edition.objects.get_or_create(date=day)
    return Delivery(
        edition=edition,
        subscriber=subscriber,
        status=Status.SENT,
        covers_until=covers_until,
        sent_at=sent_at,
        message_id=mail.message.message_id[:255] if mail else "",
        contents=DigestContents(note=str(LOST_NOTE)).to_json(),
    )


# -- by the operator's word ------------------------------------------------------------------------


def _settle_planned(sent_until: datetime) -> int:
    """Deliveries of the backup that were due by then."""
    rows = Delivery.objects.filter(status__in=WAITING, covers_until__lte=sent_until)
    return rows.update(
        status=Status.SENT,
        sent_at=Least(Coalesce("maybe_sent_at", Value(sent_until)), Value(sent_until)),
        retry_at=None,
        error="",
    )


def _settle_composed_since(sent_until: datetime) -> int:
    """Editions due by then that were composed again since the backup came back, before the hold."""
    rows = Delivery.objects.filter(status__in=WAITING, covers_until__gt=sent_until)
    rows = rows.filter(subscriber__confirmed_at__lte=sent_until).select_related("subscriber")
    again = [
        row.pk
        for row in rows.defer("contents").iterator()
        if _find_last_slot(row.subscriber, row.covers_until) <= sent_until
    ]
    lost = DigestContents(note=str(LOST_NOTE)).to_json()
    return Delivery.objects.filter(pk__in=again).update(
        status=Status.SENT,
        sent_at=sent_until,
        covers_until=sent_until,
        contents=lost,
        retry_at=None,
        error="",
    )


def _select_due(sent_until: datetime) -> QuerySet[Subscriber]:
    """Whose digest was due by then and is not in this database; nobody who paused."""
    first = Q(next_digest_at=None, confirmed_at__lte=sent_until)
    due = Subscriber.objects.mailable().filter(first | Q(next_digest_at__lte=sent_until))
    return due.filter(Q(paused_until=None) | Q(paused_until__lte=sent_until)).order_by("pk")


@transaction.atomic
def _settle_due(subscribers: Sequence[Subscriber], sent_until: datetime) -> int:
    """Give each the mails of the editions they had by then, and their next date; how many mails."""
    rows: list[Delivery] = []
    for subscriber in subscribers:
        slot = subscriber.next_digest_at or subscriber.confirmed_at or sent_until
        slots = [slot]
        while (slot := _find_slot_after(subscriber, slot)) <= sent_until:
            slots.append(slot)
        rows += [_make_lost(subscriber, _find_day(subscriber, at), at, at) for at in slots]
        subscriber.next_digest_at = slot
        subscriber.save(update_fields=["next_digest_at"])
    mine = Delivery.objects.filter(subscriber__in=subscribers)
    there = set(mine.values_list("edition_id", "subscriber_id"))
    missing = [row for row in rows if (row.edition_id, row.subscriber_id) not in there]
    Delivery.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


# -- days and slots --------------------------------------------------------------------------------


def _find_day(subscriber: Subscriber, at: datetime) -> date:
    """The subscriber's own day of that moment: the date of its edition."""
    return at.astimezone(ZoneInfo(subscriber.timezone)).date()


def _find_last_slot(subscriber: Subscriber, at: datetime) -> datetime:
    return find_last_slot(subscriber.cadence, subscriber.timezone, subscriber.send_hour, at)


def _find_slot_after(subscriber: Subscriber, at: datetime) -> datetime:
    """The next slot of a later day: after a first digest at seven comes no second one at eight."""
    slot = subscriber.find_next_slot(at)
    while _find_day(subscriber, slot) <= _find_day(subscriber, at):
        slot = subscriber.find_next_slot(slot)
    return slot
