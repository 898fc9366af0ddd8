"""Double opt-in: a wish, a mail with a link, its confirmation.

What a visitor asks for changes nothing but the wish itself. It takes effect when the link that
went to the address is confirmed, so nobody can sign up, or change, somebody else. Each link is
about the wish of its own confirmation: what is asked for later is offered beside it, and only by
name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.dispatch import Signal

from subscribers.models import Confirmation, ConsentEvent, Subscriber, Topic
from subscribers.signup import mailbox_limits
from subscribers.signup.wishes import Wishes, follow_topics, start_afresh
from subscribers.tokens import DatedLink

# Sent with the subscriber's id when somebody has just confirmed: their first digest is due at once.
confirmed = Signal()
CONFIRMATIONS_KEPT_FOR = timedelta(days=7)


class LinkState(StrEnum):
    """What a confirmation link is still good for."""

    READY = "ready"
    DONE = "done"  # confirmed before
    EXPIRED = "expired"
    SPENT = "spent"  # the subscriber left after it was issued


def request_confirmation(email: str, wishes: Wishes, now: datetime) -> int:
    """Write the wish down and return the subscriber's id: the same work for every address."""
    [subscriber] = Subscriber.objects.bulk_create(
        [Subscriber(email=email, wishes=wishes.to_json(), wish_asked_at=now)],
        update_conflicts=True,
        unique_fields=["email"],
        update_fields=["wishes", "wish_asked_at"],
    )
    return subscriber.pk


def renew_request(link: DatedLink, now: datetime) -> None:
    """Ask once more for the wish of a link that has expired; nothing happens where there is none.

    Who presses the button has the mailbox, so that counts as an answer to its confirmations.
    """
    with transaction.atomic():
        for subscriber in Subscriber.objects.select_for_update().filter(pk=link.subscriber_id):
            wishes = find_own_wishes(subscriber, link) or read_latest_wishes(subscriber)
            if wishes:
                subscriber.wishes, subscriber.wish_asked_at = wishes.to_json(), now
                subscriber.confirmations_sent = 0
                subscriber.save(update_fields=["wishes", "wish_asked_at", "confirmations_sent"])
                mailbox_limits.note_answer(subscriber.email)


def judge_link(subscriber: Subscriber, link: DatedLink, now: datetime) -> LinkState:
    """What a link to confirm is worth now: nothing more once its subscriber has left after it."""
    left_at = subscriber.unsubscribed_at
    if left_at and left_at >= link.issued_at:
        return LinkState.SPENT
    # Confirming deletes the confirmations: what was asked for since has, or gets, one of its own.
    if subscriber.is_active and not find_own_wishes(subscriber, link):
        return LinkState.DONE
    return LinkState.EXPIRED if link.is_expired(now) else LinkState.READY


def record_confirmation(subscriber: Subscriber, sent_at: datetime) -> None:
    """Write down which wish the confirmation of this moment is about; drop those of last week."""
    subscriber.confirmations.filter(sent_at__lte=sent_at - CONFIRMATIONS_KEPT_FOR).delete()
    # One that could not be sent has a row already where it is tried again at the same moment.
    Confirmation.objects.bulk_create(
        [Confirmation(subscriber=subscriber, sent_at=sent_at, wish=subscriber.wishes)],
        update_conflicts=True,
        unique_fields=["subscriber", "sent_at"],
        update_fields=["wish"],
    )


def find_own_wishes(subscriber: Subscriber, link: DatedLink) -> Wishes | None:
    """What was asked for when this link's confirmation was sent."""
    rows = {row.sent_at: row.wish for row in subscriber.confirmations.all()}
    if subscriber.status == Subscriber.Status.PENDING and not rows:
        # The link was printed for an operator, before any confirmation was sent.
        return read_latest_wishes(subscriber)
    return Wishes.from_json(rows.get(link.issued_at, {}))


def find_later_wishes(subscriber: Subscriber, link: DatedLink, now: datetime) -> Wishes | None:
    """What was asked for after this link was sent, by whomever, while the link still works."""
    later = read_latest_wishes(subscriber)
    is_news = later != find_own_wishes(subscriber, link)
    return later if is_news and not link.is_expired(now) else None


def read_latest_wishes(subscriber: Subscriber) -> Wishes | None:
    """What was asked for last, by whomever."""
    return Wishes.from_json(subscriber.wishes)


def confirm_by_link(link: DatedLink, mark: str, now: datetime) -> bool:
    """Confirm the wish of this link's own mail or, with its `mark`, the later one; False: neither.

    A link that was used, has expired or is spent confirms nothing, nor does the mark of a wish that
    was replaced since. The row is locked, so that of two presses at once the second sees the first.
    """
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=link.subscriber_id)
        state = judge_link(subscriber, link, now)
        if (state == LinkState.DONE and not mark) or state in (LinkState.EXPIRED, LinkState.SPENT):
            return False
        if mark:
            wishes = find_later_wishes(subscriber, link, now)
            if wishes is None or wishes.mark != mark:
                return False
        else:
            wishes = find_own_wishes(subscriber, link)
        confirm_wishes(subscriber.pk, wishes, now)
    confirmed.send(Subscriber, subscriber_id=link.subscriber_id)
    return True


def confirm_latest(subscriber_id: int, now: datetime) -> Subscriber:
    """The latest wish takes effect: for those who have just asked, and vouch for the address."""
    latest = read_latest_wishes(Subscriber.objects.get(pk=subscriber_id))
    return confirm_wishes(subscriber_id, latest, now)


def confirm_elsewhere(
    subscriber_id: int, confirmed_at: datetime, by: str, note: str, now: datetime
) -> Subscriber:
    """The latest wish takes effect, since somebody vouches that they agreed elsewhere.

    `by` is who vouches and `note` where the consent was given: both are kept as long as the row.
    """
    kind = ConsentEvent.Kind.ELSEWHERE
    event = ConsentEvent(kind=kind, happened_at=confirmed_at, by=by, note=note)
    latest = read_latest_wishes(Subscriber.objects.get(pk=subscriber_id))
    return confirm_wishes(subscriber_id, latest, now, event)


def ask_again(subscriber: Subscriber, now: datetime) -> None:
    """Ask whoever has not confirmed once more: for their wish, or for what stands in their row."""
    wishes = read_latest_wishes(subscriber) or Wishes.from_subscriber(subscriber)
    request_confirmation(subscriber.email, wishes, now)


def confirm_wishes(
    subscriber_id: int,
    wishes: Wishes | None,
    now: datetime,
    elsewhere: ConsentEvent | None = None,
) -> Subscriber:
    """Let these take effect: an active subscriber gains topics, anybody else starts afresh."""
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        if not subscriber.is_active:
            if wishes:
                start_afresh(subscriber, wishes)
            subscriber.confirm(now, elsewhere)
        if wishes:
            follow_topics(subscriber, Topic.objects.get_or_create_topics(wishes.topics))
        subscriber.wishes, subscriber.wish_asked_at, subscriber.confirmations_sent = {}, None, 0
        subscriber.save(update_fields=["wishes", "wish_asked_at", "confirmations_sent"])
        subscriber.confirmations.all().delete()
        mailbox_limits.note_answer(subscriber.email)
    return subscriber
