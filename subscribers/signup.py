"""The story of a subscriber: a wish, a mailed link, its confirmation, and the way out and back.

What a visitor asks for changes nothing but the wish itself. It takes effect when the link that
went to the address is confirmed, so nobody can sign up, or change, somebody else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from subscribers import mailboxes
from subscribers.models import MAX_TOPICS, Interest, Subscriber, Topic
from subscribers.schedule import next_digest_time
from subscribers.tokens import DatedLink

# Sent with the subscriber's id when somebody has just confirmed: their first digest is due at once.
confirmed = Signal()
UNDO_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Wishes:
    """What somebody asked for at sign-up; `topics` as typed, `send_hour` local."""

    topics: list[str]
    timezone: str = "UTC"
    send_hour: int = 8
    cadence: str = Subscriber.Cadence.DAILY
    max_papers: int = 10


class Link(StrEnum):
    """What a confirmation link is still good for."""

    READY = "ready"
    DONE = "done"  # confirmed before, and nothing new was asked since
    EXPIRED = "expired"
    SPENT = "spent"  # the subscriber left after it was issued


def ask(email: str, wishes: Wishes, now: datetime) -> int:
    """Write the wish down and return the subscriber's id: the same work for every address."""
    [subscriber] = Subscriber.objects.bulk_create(
        [Subscriber(email=email, wishes=asdict(wishes) | {"asked_at": now.isoformat()})],
        update_conflicts=True,
        unique_fields=["email"],
        update_fields=["wishes"],
    )
    return subscriber.pk


def ask_again(subscriber_id: int, now: datetime) -> None:
    """Renew a wish whose link has expired; nothing happens where there is none."""
    with transaction.atomic():
        for subscriber in Subscriber.objects.select_for_update().filter(pk=subscriber_id):
            if subscriber.wishes:
                subscriber.wishes["asked_at"] = now.isoformat()
                subscriber.save(update_fields=["wishes"])


def link_state(subscriber: Subscriber, link: DatedLink, now: datetime) -> Link:
    left_at = subscriber.unsubscribed_at
    if left_at and left_at >= link.issued_at:
        return Link.SPENT
    if subscriber.status == Subscriber.Status.ACTIVE and not subscriber.wishes:
        return Link.DONE
    return Link.EXPIRED if link.is_expired(now) else Link.READY


def confirm(subscriber_id: int, now: datetime) -> Subscriber:
    """Let the wish take effect: an active subscriber gains topics, anybody else starts afresh."""
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        wishes = Wishes(**_without_date(subscriber.wishes)) if subscriber.wishes else None
        if subscriber.status != Subscriber.Status.ACTIVE:
            if wishes:
                _start_afresh(subscriber, wishes)
            subscriber.confirm(now)
        if wishes:
            follow(subscriber, Topic.objects.get_or_create_topics(wishes.topics))
        subscriber.wishes, subscriber.confirmations_sent = {}, 0
        subscriber.save(update_fields=["wishes", "confirmations_sent"])
        mailboxes.answered(subscriber.email)
    return subscriber


def _without_date(wishes: dict[str, Any]) -> dict[str, Any]:
    return {name: wish for name, wish in wishes.items() if name != "asked_at"}


def _start_afresh(subscriber: Subscriber, wishes: Wishes) -> None:
    subscriber.interests.all().delete()
    subscriber.timezone = wishes.timezone
    subscriber.send_hour = wishes.send_hour
    subscriber.cadence = wishes.cadence
    subscriber.max_papers = wishes.max_papers
    subscriber.paused_until = None
    subscriber.save(
        update_fields=["timezone", "send_hour", "cadence", "max_papers", "paused_until"]
    )


def follow(subscriber: Subscriber, topics: list[Topic]) -> None:
    """Add topics, as far as there is room for them; a muted one becomes a followed one."""
    known = set(subscriber.interests.values_list("topic_id", flat=True))
    room = MAX_TOPICS - len(known)
    added = [topic for topic in topics if topic.pk not in known][:room]
    subscriber.interests.filter(topic__in=topics).update(mode=Interest.Mode.FOLLOW)
    Interest.objects.bulk_create(
        [Interest(subscriber=subscriber, topic=topic) for topic in added], ignore_conflicts=True
    )


def set_interests(subscriber: Subscriber, followed: list[Topic], muted: list[Topic]) -> None:
    """Make these the subscriber's topics, and no others; those that stay keep their date."""
    wanted = {topic.pk: Interest.Mode.MUTE for topic in muted}
    wanted |= {topic.pk: Interest.Mode.FOLLOW for topic in followed}
    subscriber.interests.exclude(topic__in=wanted).delete()
    Interest.objects.bulk_create(
        [Interest(subscriber=subscriber, topic_id=pk, mode=mode) for pk, mode in wanted.items()],
        update_conflicts=True,
        unique_fields=["subscriber", "topic"],
        update_fields=["mode"],
    )


def can_undo(subscriber: Subscriber, now: datetime) -> bool:
    """Whether this subscriber left so lately that one button takes it back."""
    left_at = subscriber.unsubscribed_at
    return bool(left_at and left_at > now - UNDO_WITHIN and subscriber.confirmed_at)


def undo_unsubscribe(subscriber: Subscriber, now: datetime) -> bool:
    """Take a fresh unsubscription back, as if it had not been; False when it is too late."""
    undone = Subscriber.objects.filter(
        pk=subscriber.pk,
        status=Subscriber.Status.UNSUBSCRIBED,
        unsubscribed_at__gt=now - UNDO_WITHIN,
        confirmed_at__isnull=False,
    ).update(
        status=Subscriber.Status.ACTIVE,
        unsubscribed_at=None,
        next_digest_at=next_digest_at(subscriber, now),
    )
    return bool(undone)


def next_digest_at(subscriber: Subscriber, now: datetime) -> datetime:
    return next_digest_time(
        subscriber.cadence, subscriber.timezone, subscriber.send_hour, after=now
    )
