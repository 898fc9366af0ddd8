"""The story of a subscriber: a wish, a mailed link, its confirmation, and the way out and back.

What a visitor asks for changes nothing but the wish itself. It takes effect when the link that
went to the address is confirmed, so nobody can sign up, or change, somebody else. Each link is
about the wish of its own letter: what is asked for later is offered beside it, and only by name.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal

from subscribers.models import MAX_TOPICS, Interest, Subscriber, Topic
from subscribers.schedule import next_digest_time
from subscribers.signup import letter_limits
from subscribers.tokens import DatedLink
from subscribers.topics import parse

# Sent with the subscriber's id when somebody has just confirmed: their first digest is due at once.
confirmed = Signal()
UNDO_WITHIN = timedelta(days=1)
LETTERS_KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Wishes:
    """What somebody asked for at sign-up; `topics` as typed, `send_hour` local."""

    topics: list[str]
    timezone: str = "UTC"
    send_hour: int = 8
    cadence: str = Subscriber.Cadence.DAILY
    max_papers: int = 10

    @property
    def often(self) -> str:
        return str(Subscriber.Cadence(self.cadence).label)

    @property
    def mark(self) -> str:
        """A short name for exactly these wishes: a button that says it confirms no others."""
        return sha256(repr(self).encode()).hexdigest()[:16]


class Link(StrEnum):
    """What a confirmation link is still good for."""

    READY = "ready"
    DONE = "done"  # confirmed before
    EXPIRED = "expired"
    SPENT = "spent"  # the subscriber left after it was issued


def ask(email: str, wishes: Wishes, now: datetime) -> int:
    """Write the wish down and return the subscriber's id: the same work for every address."""
    [subscriber] = Subscriber.objects.bulk_create(
        [Subscriber(email=email, wishes=_dated(wishes, now))],
        update_conflicts=True,
        unique_fields=["email"],
        update_fields=["wishes"],
    )
    return subscriber.pk


def ask_again(link: DatedLink, now: datetime) -> None:
    """Renew the wish of a link that has expired; nothing happens where there is none.

    Who presses the button has the mailbox, so that counts as an answer to its letters.
    """
    with transaction.atomic():
        for subscriber in Subscriber.objects.select_for_update().filter(pk=link.subscriber_id):
            wishes = wishes_of(subscriber, link) or latest(subscriber)
            if wishes:
                subscriber.wishes = _dated(wishes, now)
                subscriber.confirmations_sent = 0
                subscriber.save(update_fields=["wishes", "confirmations_sent"])
                letter_limits.answered(subscriber.email)


def link_state(subscriber: Subscriber, link: DatedLink, now: datetime) -> Link:
    left_at = subscriber.unsubscribed_at
    if left_at and left_at >= link.issued_at:
        return Link.SPENT
    # Confirming takes the letters away: what was asked for since has, or gets, one of its own.
    if subscriber.status == Subscriber.Status.ACTIVE and not wishes_of(subscriber, link):
        return Link.DONE
    return Link.EXPIRED if link.is_expired(now) else Link.READY


def note_letter(subscriber: Subscriber, sent_at: datetime) -> None:
    """Write down which wish the letter of this moment is about; old letters are forgotten."""
    oldest = _name_of(sent_at - LETTERS_KEPT_FOR)
    kept = {name: wishes for name, wishes in subscriber.letters.items() if name > oldest}
    subscriber.letters = kept | {_name_of(sent_at): subscriber.wishes}
    subscriber.save(update_fields=["letters"])


def _name_of(sent_at: datetime) -> str:
    return sent_at.astimezone(UTC).isoformat(timespec="microseconds")


def wishes_of(subscriber: Subscriber, link: DatedLink) -> Wishes | None:
    """What was asked for when this link's letter was sent."""
    if subscriber.status == Subscriber.Status.PENDING and not subscriber.letters:
        return latest(subscriber)  # the link was printed for an operator, before any letter went
    return _read(subscriber.letters.get(_name_of(link.issued_at), {}))


def later_wishes(subscriber: Subscriber, link: DatedLink, now: datetime) -> Wishes | None:
    """What was asked for after this link's letter, by whomever, while the link still works."""
    later = latest(subscriber)
    is_news = later != wishes_of(subscriber, link)
    return later if is_news and not link.is_expired(now) else None


def latest(subscriber: Subscriber) -> Wishes | None:
    """What was asked for last, by whomever."""
    return _read(subscriber.wishes)


def confirm(subscriber_id: int, now: datetime) -> Subscriber:
    """The latest wish takes effect: for those who have just asked, and vouch for the address."""
    return confirm_wishes(subscriber_id, latest(Subscriber.objects.get(pk=subscriber_id)), now)


def confirm_wishes(subscriber_id: int, wishes: Wishes | None, now: datetime) -> Subscriber:
    """Let these take effect: an active subscriber gains topics, anybody else starts afresh."""
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        if subscriber.status != Subscriber.Status.ACTIVE:
            if wishes:
                _start_afresh(subscriber, wishes)
            subscriber.confirm(now)
        if wishes:
            follow(subscriber, Topic.objects.get_or_create_topics(wishes.topics))
        subscriber.wishes, subscriber.letters, subscriber.confirmations_sent = {}, {}, 0
        subscriber.save(update_fields=["wishes", "letters", "confirmations_sent"])
        letter_limits.answered(subscriber.email)
    return subscriber


def _dated(wishes: Wishes, now: datetime) -> dict[str, Any]:
    return asdict(wishes) | {"asked_at": now.isoformat()}


def _read(kept: dict[str, Any]) -> Wishes | None:
    return Wishes(**{k: v for k, v in kept.items() if k != "asked_at"}) if kept else None


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
    known = set(_followed(subscriber).values_list("topic_id", flat=True))
    added = [topic for topic in topics if topic.pk not in known][: _room(len(known))]
    subscriber.interests.filter(topic__in=added).update(mode=Interest.Mode.FOLLOW)
    Interest.objects.bulk_create(
        [Interest(subscriber=subscriber, topic=topic) for topic in added], ignore_conflicts=True
    )


def _followed(subscriber: Subscriber) -> QuerySet[Interest]:
    return subscriber.interests.filter(mode=Interest.Mode.FOLLOW)


def _room(count: int) -> int:
    """How many more may be followed; an operator may have given somebody more than the most."""
    return max(0, MAX_TOPICS - count)


@dataclass(frozen=True)
class Gain:
    """What comes of a wish's topics when it is confirmed, as typed."""

    added: list[str]
    known: list[str]  # followed already
    left_out: list[str]  # there is no room for them
    most: int = MAX_TOPICS


def gain(subscriber: Subscriber, wishes: Wishes) -> Gain:
    """What `confirm_wishes` would do about topics now."""
    if subscriber.status != Subscriber.Status.ACTIVE:
        return Gain(wishes.topics, [], [])
    rows = list(_followed(subscriber).values_list("topic__normal_form", "topic__query"))
    forms, queries = {form for form, _ in rows}, {query for _, query in rows}
    parsed = [(query, parse(query)) for query in wishes.topics]
    known = [q for q, topic in parsed if topic.normal_form in forms or topic.query in queries]
    fresh = [query for query in wishes.topics if query not in known]
    room = _room(len(rows))
    return Gain(fresh[:room], known, fresh[room:])


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
