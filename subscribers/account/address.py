"""What a reader does with what we hold: have their links sent, move to another address, leave.

A wish is a date in the reader's own row. `send_links.py` sends what was asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import Q

from subscribers.models import Confirmation, FormerAddress, Mailbox, Subscriber, Topic
from subscribers.signup import letter_limits
from subscribers.tokens import MoveLink

PENDING_FOR = timedelta(days=7)
BACK_WITHIN = timedelta(days=7)


class Move(StrEnum):
    """What a link to a new address, or back to the one before, is still good for."""

    READY = "ready"
    DONE = "done"
    EXPIRED = "expired"
    SPENT = "spent"  # another address was asked for since, it was used, or the reader is gone
    TAKEN = "taken"  # the address has a digest of its own


def ask_for_link(email: str, now: datetime) -> None:
    """Note that somebody asked for the links of this address; the same work for every address."""
    # The unconfirmed are left alone: they have a letter already, and may never have asked for it.
    settled = Subscriber.objects.exclude(status=Subscriber.Status.PENDING)
    settled.filter(email=email).update(link_asked_at=now)


def ask_to_move(subscriber: Subscriber, new_email: str, now: datetime) -> None:
    """Note where the digests shall go; nothing moves before the new address confirms."""
    Subscriber.objects.filter(pk=subscriber.pk).update(new_email=new_email, move_asked_at=now)


def move_state(link: MoveLink, now: datetime) -> Move:
    subscriber = Subscriber.objects.filter(pk=link.subscriber_id).first()
    if subscriber and subscriber.email == link.new_email:
        return Move.DONE
    if subscriber is None or subscriber.new_email != link.new_email:
        return Move.SPENT
    if link.is_expired(now):
        return Move.EXPIRED
    return Move.TAKEN if _has_own_digest(link.new_email) else Move.READY


def _has_own_digest(email: str) -> bool:
    return Subscriber.objects.active().filter(email=email).exists()


def move(link: MoveLink, now: datetime) -> Move:
    """Send the digests to the new address from now on; a row of it that gets none makes way."""
    with transaction.atomic():
        moving = _locked(link.subscriber_id)
        if moving is None or (state := move_state(link, now)) is not Move.READY:
            return Move.SPENT if moving is None else state
        if not _give_address(moving, link.new_email):
            return Move.TAKEN
        FormerAddress.objects.create(subscriber=moving, email=moving.email, left_at=now)
        letter_limits.answered(link.new_email)
    return Move.DONE


def _locked(subscriber_id: int) -> Subscriber | None:
    return Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()


def _give_address(subscriber: Subscriber, email: str) -> bool:
    """Make this the subscriber's address; a row of it that gets no digests makes way."""
    in_the_way = Subscriber.objects.filter(email=email).exclude(pk=subscriber.pk)
    in_the_way.exclude(status=Subscriber.Status.ACTIVE).delete()
    try:
        with transaction.atomic():
            own = Subscriber.objects.filter(pk=subscriber.pk)
            own.update(email=email, new_email="", move_asked_at=None)
    except IntegrityError:  # it has confirmed a digest of its own in this very moment
        return False
    return True


def move_back_state(former: FormerAddress, now: datetime) -> Move:
    if now - former.left_at > BACK_WITHIN:
        return Move.EXPIRED
    return Move.TAKEN if _has_own_digest(former.email) else Move.READY


def move_back(former: FormerAddress, now: datetime) -> Move:
    """Send the digests to the address they left; what happened after that counts no more.

    So whoever took them away cannot do the same from an address in between.
    """
    with transaction.atomic():
        subscriber = _locked(former.subscriber_id)
        left = FormerAddress.objects.filter(subscriber_id=former.subscriber_id)
        if subscriber is None or not left.filter(pk=former.pk).exists():
            return Move.SPENT
        if (state := move_back_state(former, now)) is not Move.READY:
            return state
        if not _give_address(subscriber, former.email):
            return Move.TAKEN
        left.filter(left_at__gte=former.left_at).delete()
    return Move.DONE


def forget_former_addresses(now: datetime) -> None:
    FormerAddress.objects.filter(left_at__lt=now - BACK_WITHIN).delete()


def forget(subscriber: Subscriber) -> None:
    """Delete the subscriber with all that hangs on the row, and the topics only they had."""
    with transaction.atomic():
        topics = list(subscriber.interests.values_list("topic_id", flat=True))
        Subscriber.objects.filter(pk=subscriber.pk).delete()
        # Nothing is held of whoever asked for that, not even how many letters they got.
        Mailbox.objects.filter(fingerprint=letter_limits.fingerprint(subscriber.email)).delete()
    _drop_unwanted(topics)


def _drop_unwanted(topic_ids: list[int]) -> None:
    unwanted = Topic.objects.filter(pk__in=topic_ids).unfollowed()
    try:
        with transaction.atomic():
            unwanted.delete()
    except IntegrityError:  # somebody follows one of them in this very moment
        return


def forget_unconfirmed(now: datetime) -> int:
    """Delete whoever did not confirm within 7 days, and wishes as old; returns how many went."""
    cutoff = now - PENDING_FOR
    asked_of_late = Q(wish_asked_at__isnull=False, wish_asked_at__gte=cutoff)
    sent_of_late = Q(confirmation_sent_at__isnull=False, confirmation_sent_at__gte=cutoff)
    old = Subscriber.objects.filter(created_at__lt=cutoff)
    old = old.exclude(asked_of_late).exclude(sent_of_late)
    with transaction.atomic():
        lapsed = old.exclude(status=Subscriber.Status.PENDING).with_wishes()
        Confirmation.objects.filter(subscriber__in=lapsed).delete()
        lapsed.update(wishes={}, wish_asked_at=None)
    gone = old.pending()
    _, deleted = gone.delete()
    letter_limits.forget_silent(now)
    return deleted.get(Subscriber._meta.label, 0)
