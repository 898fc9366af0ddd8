"""Sends readers the links they asked for, and new addresses their letter; claimed first."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Case, F, Q, Value, When

from subscribers import emails, mail_links, rate_limits
from subscribers.account.address import BACK_WITHIN
from subscribers.models import FormerAddress, Subscriber, Suppression, is_suppressed
from subscribers.signup import letter_limits
from subscribers.signup.send_confirmation import may_be_tried_again

log = logging.getLogger(__name__)

APART = timedelta(minutes=15)
DAY = timedelta(days=1)
MOST_A_DAY = 3
# What could not be sent for so long is not expected any more.
GIVEN_UP_AFTER = timedelta(hours=1)
SWEPT_AT_ONCE = 200


def send_asked(now: datetime) -> int:
    """Send what was asked for and may go now; the first failure ends this run. Returns how many."""
    _give_up(now)
    asked = Subscriber.objects.reachable().filter(link_asked_at__isnull=False)
    sent = 0
    for subscriber in asked.order_by("link_asked_at")[:SWEPT_AT_ONCE]:
        if _claim_link(subscriber, now):
            if not _send(_link_message(subscriber, now), subscriber):
                _ask_again(subscriber, "link_asked_at")
                return sent
            sent += 1
    return sent + _send_moves(now) + _send_notices(now)


def _send_moves(now: datetime) -> int:
    sent = 0
    asked = Subscriber.objects.reachable().filter(move_asked_at__isnull=False)
    for subscriber in asked.order_by("move_asked_at")[:SWEPT_AT_ONCE]:
        if _claim_move(subscriber, now):
            if not _send(_move_message(subscriber, now), subscriber):
                _ask_again(subscriber, "move_asked_at")
                letter_limits.release_letter(subscriber.new_email, now)
                return sent
            sent += 1
    return sent


def _send_notices(now: datetime) -> int:
    """Tell the addresses that digests have left; that matters, so it is tried for a week."""
    sent = 0
    untold = FormerAddress.objects.filter(told_at=None, left_at__gt=now - BACK_WITHIN)
    untold = untold.exclude(is_suppressed("email"))
    for former in untold.select_related("subscriber").order_by("left_at")[:SWEPT_AT_ONCE]:
        own = FormerAddress.objects.filter(pk=former.pk)
        if own.filter(told_at=None).update(told_at=now):
            if not _send(_notice(former), former.subscriber):
                own.update(told_at=None)
                return sent
            sent += 1
    return sent


def _give_up(now: datetime) -> None:
    """Forget what nobody waits for any more: asked too often, or not to be sent in an hour."""
    too_old = now - GIVEN_UP_AFTER
    Subscriber.objects.filter(link_asked_at__lt=too_old).update(link_asked_at=None)
    Subscriber.objects.filter(move_asked_at__lt=too_old).update(move_asked_at=None)


def _claim_link(subscriber: Subscriber, now: datetime) -> bool:
    """Whether a link may go to this subscriber now: one in 15 minutes, three in a day."""
    asked = Subscriber.objects.filter(pk=subscriber.pk, link_asked_at=subscriber.link_asked_at)
    is_apart = Q(link_sent_at=None) | Q(link_sent_at__lte=now - APART)
    is_new_day = Q(link_sent_at=None) | Q(link_sent_at__lte=now - DAY)
    times = Case(When(is_new_day, then=Value(1)), default=F("links_sent") + 1)
    may_go = asked.filter(is_apart).filter(is_new_day | Q(links_sent__lt=MOST_A_DAY))
    if may_go.update(link_asked_at=None, link_sent_at=now, links_sent=times):
        return True
    # The one before is in the inbox already.
    asked.update(link_asked_at=None)
    return False


def _claim_move(subscriber: Subscriber, now: datetime) -> bool:
    """Whether the new address may get its letter: the limits are those of a sign-up."""
    asked = Subscriber.objects.filter(pk=subscriber.pk, move_asked_at=subscriber.move_asked_at)
    is_refused = Suppression.objects.filter(email=subscriber.new_email).exists()
    if not asked.update(move_asked_at=None) or is_refused:
        return False
    email = subscriber.new_email
    if not rate_limits.may_get_letters(email, now) or not letter_limits.claim_letter(email, now):
        return False
    rate_limits.count_letter(email, now)
    return True


def _send(message: EmailMultiAlternatives, subscriber: Subscriber) -> bool:
    """False when it did not leave for a reason that may pass."""
    try:
        message.send()
    except Exception as error:  # whatever the backend in use may raise
        log.warning("A link for subscriber %s could not be sent: %s", subscriber.pk, error)
        return not may_be_tried_again(error)
    return True


def _ask_again(subscriber: Subscriber, field: str) -> None:
    """Give the claim back, so that the next minute's run tries again."""
    before = {field: getattr(subscriber, field)}
    if field == "link_asked_at":
        before |= {"link_sent_at": subscriber.link_sent_at, "links_sent": subscriber.links_sent}
    Subscriber.objects.filter(pk=subscriber.pk).update(**before)


def _link_message(subscriber: Subscriber, now: datetime) -> EmailMultiAlternatives:
    context = {
        "preferences_url": mail_links.preferences_url(subscriber.pk),
        "account_url": mail_links.account_url(subscriber, now),
        "unsubscribe_url": mail_links.unsubscribe_url(subscriber.pk),
    }
    return _build("link", subscriber.email, context)


def _move_message(subscriber: Subscriber, now: datetime) -> EmailMultiAlternatives:
    url = mail_links.move_url(subscriber.pk, now, subscriber.new_email)
    return _build("move", subscriber.new_email, {"move_url": url})


def _notice(former: FormerAddress) -> EmailMultiAlternatives:
    """Fixed text: where the digests go now is not this address's business."""
    return _build("moved", former.email, {"move_back_url": mail_links.move_back_url(former.pk)})


def _build(name: str, to: str, context: dict[str, str]) -> EmailMultiAlternatives:
    context |= {"postal_address": settings.POSTAL_ADDRESS}
    return emails.build(name, to, context, {"Auto-Submitted": "auto-generated"})
