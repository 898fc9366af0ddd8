"""The address of a subscriber: asking for its links, moving and moving back, deletion.

A request is a date in the subscriber's own row; `send_links.py` sends what was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.dispatch import Signal

from subscribers import database_clock
from subscribers.models import Confirmation, FormerAddress, Interest, Subscriber, Topic
from subscribers.models.public_spelling import spell_left
from subscribers.signup import mailbox_limits
from subscribers.tokens import MoveLink

# Sent with the subscriber's id and the address that the digests are leaving, before they do.
address_left = Signal()
PENDING_FOR = timedelta(days=7)
BACK_WITHIN = timedelta(days=7)


class MoveState(StrEnum):
    """What a link to a new address, or back to the one before, is still good for."""

    READY = "ready"
    DONE = "done"
    EXPIRED = "expired"
    SPENT = "spent"  # another address was asked for since, it was used, or the subscriber is gone
    TAKEN = "taken"  # the address has a digest of its own


def end_links(subscriber: Subscriber) -> None:
    """Let every link that was sent so far do nothing any more but unsubscribe.

    Who still held one may have asked for a move: that is dropped too. The notice to an address that
    the digests have left goes on bringing them back.
    """
    own = Subscriber.objects.filter(pk=subscriber.pk)
    own.update(link_version=F("link_version") + 1, new_email="", move_asked_at=None)
    subscriber.refresh_from_db(fields=["link_version", "new_email", "move_asked_at"])


def request_link(email: str, now: datetime) -> None:
    """Note that somebody asked for the links of this address; the same work for every address."""
    # Not the unconfirmed: they have a confirmation already, and may never have asked for it.
    settled = Subscriber.objects.exclude(status=Subscriber.Status.PENDING)
    settled.filter(email=email).update(link_asked_at=now)


def request_own_link(subscriber: Subscriber, now: datetime) -> None:
    """The same for whoever holds a link of theirs, with a quota that no stranger can use up."""
    Subscriber.objects.filter(pk=subscriber.pk).update(own_link_asked_at=now)


def request_move(subscriber: Subscriber, new_email: str, now: datetime) -> None:
    """Note where the digests shall go; nothing moves before the new address confirms."""
    Subscriber.objects.filter(pk=subscriber.pk).update(new_email=new_email, move_asked_at=now)


def judge_move(link: MoveLink, now: datetime) -> MoveState:
    """Whether the link in the mail to a new address may move the digests there now."""
    subscriber = Subscriber.objects.filter(pk=link.subscriber_id).first()
    if subscriber is None:
        return MoveState.SPENT
    if subscriber.email == link.new_email:
        # The move itself ended the links before it; what ended links since ended this one too.
        is_last = subscriber.link_version == link.version + 1
        return MoveState.DONE if is_last else MoveState.SPENT
    if subscriber.new_email != link.new_email or subscriber.link_version != link.version:
        return MoveState.SPENT
    if link.is_expired(now):
        return MoveState.EXPIRED
    return MoveState.TAKEN if _has_own_digest(link.new_email) else MoveState.READY


def _has_own_digest(email: str) -> bool:
    return Subscriber.objects.active().filter(email=email).exists()


def move_digests(link: MoveLink, now: datetime) -> MoveState:
    """Send the digests to the new address from now on; an inactive row of it is deleted."""
    with transaction.atomic():
        moving = _lock_subscriber(link.subscriber_id)
        if moving is None or (state := judge_move(link, now)) is not MoveState.READY:
            return MoveState.SPENT if moving is None else state
        if not _set_address(moving, link.new_email):
            return MoveState.TAKEN
        FormerAddress.objects.create(subscriber=moving, email=moving.email, left_at=now)
        mailbox_limits.note_answer(link.new_email)
    return MoveState.DONE


def move_by_operator(subscriber_id: int, new_email: str, now: datetime) -> MoveState:
    """Send the digests to an address that an operator vouches for, without asking there.

    The address before gets no notice, and no link back: nobody took the digests away from it.
    """
    with transaction.atomic():
        moving = _lock_subscriber(subscriber_id)
        if moving is None:
            return MoveState.SPENT
        if _has_own_digest(new_email) or not _set_address(moving, new_email):
            return MoveState.TAKEN
        FormerAddress.objects.create(
            subscriber=moving, email=moving.email, left_at=now, told_at=now
        )
    return MoveState.DONE


def on_subscriber_saved(sender: Any, instance: Subscriber, **kwargs: Any) -> None:  # noqa: ARG001
    """Django's pre_save: staff write another address into a row, as they are asked to by mail.

    The address before gets no notice, and no link back: nobody took the digests away from it.
    """
    if instance.pk is None or "email" not in (kwargs.get("update_fields") or ["email"]):
        return
    rows = Subscriber.objects.filter(pk=instance.pk).exclude(email=instance.email)
    now = database_clock.read_now()
    for before in rows.values_list("email", flat=True):
        end_links(instance)
        FormerAddress.objects.create(
            subscriber_id=instance.pk, email=before, left_at=now, told_at=now
        )


def _lock_subscriber(subscriber_id: int) -> Subscriber | None:
    return Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()


def _set_address(subscriber: Subscriber, email: str) -> bool:
    """Set the address, deleting an inactive row that has it; False where an active one has it."""
    others = Subscriber.objects.filter(email=email).exclude(pk=subscriber.pk)
    others.exclude(status=Subscriber.Status.ACTIVE).delete()
    try:
        with transaction.atomic():
            address_left.send(Subscriber, subscriber_id=subscriber.pk, email=subscriber.email)
            own = Subscriber.objects.filter(pk=subscriber.pk)
            # What was mailed to the address that is left must not open what goes to the other.
            version = F("link_version") + 1
            hashes = Subscriber.hash_address(email)
            own.update(email=email, new_email="", **hashes)
            own.update(move_asked_at=None, link_version=version)
    except IntegrityError:  # it has confirmed a digest of its own in this very moment
        return False
    return True


def judge_move_back(former: FormerAddress, now: datetime) -> MoveState:
    """Whether the digests may go back to an address they left, within BACK_WITHIN of leaving it."""
    if now - former.left_at > BACK_WITHIN:
        return MoveState.EXPIRED
    return MoveState.TAKEN if _has_own_digest(former.email) else MoveState.READY


def move_digests_back(former: FormerAddress, now: datetime) -> MoveState:
    """Send the digests to the address they left; later moves are undone with this one.

    So whoever took them away cannot do the same from an address in between.
    """
    with transaction.atomic():
        subscriber = _lock_subscriber(former.subscriber_id)
        left = FormerAddress.objects.filter(subscriber_id=former.subscriber_id)
        if subscriber is None or not left.filter(pk=former.pk).exists():
            return MoveState.SPENT
        if (state := judge_move_back(former, now)) is not MoveState.READY:
            return state
        if not _set_address(subscriber, former.email):
            return MoveState.TAKEN
        left.filter(left_at__gte=former.left_at).delete()
    return MoveState.DONE


def forget_former_addresses(now: datetime) -> None:
    """Delete the addresses that digests left longer than BACK_WITHIN ago."""
    FormerAddress.objects.filter(left_at__lt=now - BACK_WITHIN).delete()


def delete_subscriber(subscriber: Subscriber) -> None:
    """Delete the subscriber with all that hangs on the row, and the topics only they had."""
    delete_subscribers([subscriber])


def delete_subscribers(subscribers: Sequence[Subscriber]) -> None:
    """The same for some hundred at once, with as many queries as for one."""
    ids, emails = [one.pk for one in subscribers], {one.email for one in subscribers}
    with transaction.atomic():
        followed = Interest.objects.filter(subscriber__in=ids).order_by()
        topics = list(followed.values_list("topic_id", flat=True).distinct())
        Subscriber.objects.filter(pk__in=ids).delete()
        # Others may have asked to move there, or have left it.
        asked = Subscriber.objects.filter(new_email__in=emails)
        asked.update(new_email="", move_asked_at=None)
        FormerAddress.objects.filter(email__in=emails).delete()
        # Nothing stays of whoever asked for that, not even how many mails they got.
        mailbox_limits.find_counts(*emails).delete()
    _delete_unfollowed(topics)


def _delete_unfollowed(topic_ids: list[int]) -> None:
    if not _try_to_delete(topic_ids):
        for topic_id in topic_ids:
            _try_to_delete([topic_id])
    spell_left(topic_ids)


def _try_to_delete(topic_ids: list[int]) -> bool:
    """Delete those of these topics that nobody follows."""
    try:
        with transaction.atomic():
            Topic.objects.filter(pk__in=topic_ids).unfollowed().delete()
    except IntegrityError:  # somebody follows one of them in this very moment
        return False
    return True


def forget_unconfirmed(now: datetime) -> int:
    """Delete whoever did not confirm within 7 days, and wishes as old; returns how many rows."""
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
    mailbox_limits.forget_silent_mailboxes(now)
    return deleted.get(Subscriber._meta.label, 0)
