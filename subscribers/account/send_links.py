"""Sends account links, the mails to new addresses, and notices to those before; claimed first."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Case, F, Q, Value, When

from subscribers import emails, mail_connection, mail_links, rate_limits
from subscribers.account.address import BACK_WITHIN
from subscribers.models import FormerAddress, Subscriber, Suppression, is_suppressed
from subscribers.signup import mailbox_limits
from subscribers.signup.send_confirmation import may_retry

log = logging.getLogger(__name__)

APART = timedelta(minutes=15)
DAY = timedelta(days=1)
MOST_A_DAY = 3
REQUEST_LIFETIME = timedelta(hours=1)
SWEPT_AT_ONCE = 200


def send_asked_links(now: datetime) -> int:
    """Send what was asked for and may go now; returns how many. The first failure ends the run."""
    _drop_old_requests(now)
    asked = Subscriber.objects.reachable().filter(link_asked_at__isnull=False)
    sent = 0
    for subscriber in asked.order_by("link_asked_at")[:SWEPT_AT_ONCE]:
        if _claim_link(subscriber, now):
            if not _send_message(_build_link_mail(subscriber, now), subscriber):
                _restore_request(subscriber, "link_asked_at")
                return sent
            sent += 1
    return sent + _send_moves(now) + _send_notices(now)


def _send_moves(now: datetime) -> int:
    sent = 0
    asked = Subscriber.objects.reachable().filter(move_asked_at__isnull=False)
    for subscriber in asked.order_by("move_asked_at")[:SWEPT_AT_ONCE]:
        if _claim_move(subscriber, now):
            if not _send_message(_build_move_mail(subscriber, now), subscriber):
                _restore_request(subscriber, "move_asked_at")
                mailbox_limits.release_mail(subscriber.new_email, now)
                return sent
            sent += 1
    return sent


def _send_notices(now: datetime) -> int:
    """Notify the addresses that digests have left; as it guards against theft, for a week."""
    sent = 0
    unnotified = FormerAddress.objects.filter(told_at=None, left_at__gt=now - BACK_WITHIN)
    unnotified = unnotified.exclude(is_suppressed("email"))
    for former in unnotified.select_related("subscriber").order_by("left_at")[:SWEPT_AT_ONCE]:
        own = FormerAddress.objects.filter(pk=former.pk)
        if own.filter(told_at=None).update(told_at=now):
            if not _send_message(_build_notice(former), former.subscriber):
                own.update(told_at=None)
                return sent
            sent += 1
    return sent


def _drop_old_requests(now: datetime) -> None:
    """Drop requests of more than an hour ago: nobody waits for those mails any more."""
    too_old = now - REQUEST_LIFETIME
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
    # A link is in the inbox already, so this request is dropped.
    asked.update(link_asked_at=None)
    return False


def _claim_move(subscriber: Subscriber, now: datetime) -> bool:
    """Whether the new address may get its mail: the limits are those of a confirmation."""
    asked = Subscriber.objects.filter(pk=subscriber.pk, move_asked_at=subscriber.move_asked_at)
    is_refused = Suppression.objects.filter(email=subscriber.new_email).exists()
    if not asked.update(move_asked_at=None) or is_refused:
        return False
    email = subscriber.new_email
    if not rate_limits.may_get_mail(email, now) or not mailbox_limits.claim_mail(email, now):
        return False
    rate_limits.count_mail(email, now)
    return True


def _send_message(message: EmailMultiAlternatives, subscriber: Subscriber) -> bool:
    """Send it; False where it did not leave for a reason that may pass."""
    try:
        mail_connection.send_message(message)
    except Exception as error:  # whatever the backend in use may raise
        log.warning("A link for subscriber %s could not be sent: %s", subscriber.pk, error)
        return not may_retry(error)
    return True


def _restore_request(subscriber: Subscriber, field: str) -> None:
    """Give the claim back, so that the next minute's run tries once more."""
    before = {field: getattr(subscriber, field)}
    if field == "link_asked_at":
        before |= {"link_sent_at": subscriber.link_sent_at, "links_sent": subscriber.links_sent}
    Subscriber.objects.filter(pk=subscriber.pk).update(**before)


def _build_link_mail(subscriber: Subscriber, now: datetime) -> EmailMultiAlternatives:
    context = {
        "preferences_url": mail_links.preferences_url(subscriber.pk, subscriber.link_version),
        "account_url": mail_links.account_url(subscriber, now),
        "unsubscribe_url": mail_links.unsubscribe_url(subscriber.pk, subscriber.link_version),
    }
    return _build_mail("link", subscriber.email, context)


def _build_move_mail(subscriber: Subscriber, now: datetime) -> EmailMultiAlternatives:
    url = mail_links.move_url(subscriber.pk, now, subscriber.new_email)
    return _build_mail("move", subscriber.new_email, {"move_url": url})


def _build_notice(former: FormerAddress) -> EmailMultiAlternatives:
    """A fixed text, which does not say where the digests go now."""
    return _build_mail(
        "moved", former.email, {"move_back_url": mail_links.move_back_url(former.pk)}
    )


def _build_mail(name: str, to: str, context: dict[str, str]) -> EmailMultiAlternatives:
    context |= {"postal_address": settings.POSTAL_ADDRESS}
    return emails.build_mail(name, to, context, {"Auto-Submitted": "auto-generated"})
