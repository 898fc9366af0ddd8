"""Sends account links, the mails to new addresses, and notices to those before; claimed first."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Case, F, Q, Value, When

from subscribers.account import topic_changes
from subscribers.account.address import BACK_WITHIN
from subscribers.forgiving_cache import is_new_hour
from subscribers.limits import rate_limits
from subscribers.mail import emails, mail_connection, mail_links
from subscribers.models import FormerAddress, Subscriber, Suppression
from subscribers.signup import mailbox_limits
from subscribers.signup.send_confirmation import may_retry

log = logging.getLogger(__name__)

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quota:
    """How often links may go to one subscriber, and the columns that keep count of it."""

    apart: timedelta
    most_a_day: int
    asked_at: str
    sent_at: str
    count: str


# Whoever types an address uses up the one; whoever holds a link of it, the other.
ANYBODYS = Quota(timedelta(minutes=15), 3, "link_asked_at", "link_sent_at", "links_sent")
OWNERS = Quota(timedelta(minutes=2), 10, "own_link_asked_at", "own_link_sent_at", "own_links_sent")
REQUEST_LIFETIME = timedelta(hours=1)
SWEPT_AT_ONCE = 200


def send_asked_links(now: datetime) -> int:
    """Send what was asked for and may go now; returns how many. The first failure ends the run."""
    if is_new_hour("subscribers.requests_dropped", now):
        _drop_old_requests(now)
    sent = 0
    for send in (partial(_send_links, OWNERS), partial(_send_links, ANYBODYS), _send_moves):
        count, is_well = send(now)
        sent += count
        if not is_well:
            return sent
    return sent + _send_notices(now)


def _send_links(quota: Quota, now: datetime) -> tuple[int, bool]:
    """How many left, and False where one did not."""
    sent = 0
    asked = Subscriber.objects.reachable().filter(**_was_asked(quota.asked_at, now))
    for subscriber in asked.order_by(quota.asked_at)[:SWEPT_AT_ONCE]:
        if _claim_link(subscriber, quota, now):
            if not _send_message(_build_link_mail(subscriber, now), subscriber):
                _restore_request(subscriber, quota.asked_at, quota.sent_at, quota.count)
                return sent, False
            sent += 1
    return sent, True


def _send_moves(now: datetime) -> tuple[int, bool]:
    sent = 0
    asked = Subscriber.objects.reachable().filter(**_was_asked("move_asked_at", now))
    for subscriber in asked.order_by("move_asked_at")[:SWEPT_AT_ONCE]:
        if _claim_move(subscriber, now):
            if not _send_message(_build_move_mail(subscriber, now), subscriber):
                _restore_request(subscriber, "move_asked_at")
                mailbox_limits.release_mail(subscriber.new_email, now, mailbox_limits.MOVE)
                return sent, False
            sent += 1
    return sent, True


def _send_notices(now: datetime) -> int:
    """Notify the addresses that digests have left; as it guards against theft, for a week."""
    sent = 0
    unnotified = FormerAddress.objects.filter(told_at=None, left_at__gt=now - BACK_WITHIN)
    for former in unnotified.select_related("subscriber").order_by("left_at")[:SWEPT_AT_ONCE]:
        own = FormerAddress.objects.filter(pk=former.pk)
        if Suppression.objects.about(former.email).exists():
            continue
        if own.filter(told_at=None).update(told_at=now):
            if not _send_message(_build_notice(former), former.subscriber):
                own.update(told_at=None)
                return sent
            sent += 1
    return sent


def _was_asked(column: str, now: datetime) -> dict[str, datetime]:
    """The condition for requests that somebody waits for: of the last hour."""
    return {f"{column}__gte": now - REQUEST_LIFETIME}


def _drop_old_requests(now: datetime) -> None:
    """Drop the requests that nobody waits for any more."""
    too_old = now - REQUEST_LIFETIME
    for name in (ANYBODYS.asked_at, OWNERS.asked_at, "move_asked_at"):
        Subscriber.objects.filter(**{f"{name}__lt": too_old}).update(**{name: None})


def _claim_link(subscriber: Subscriber, quota: Quota, now: datetime) -> bool:
    """Whether a link may go to this subscriber now."""
    asked_at = getattr(subscriber, quota.asked_at)
    asked = Subscriber.objects.filter(**{"pk": subscriber.pk, quota.asked_at: asked_at})
    was_none = Q(**{quota.sent_at: None})
    is_apart = was_none | Q(**{f"{quota.sent_at}__lte": now - quota.apart})
    is_new_day = was_none | Q(**{f"{quota.sent_at}__lte": now - DAY})
    has_some_left = Q(**{f"{quota.count}__lt": quota.most_a_day})
    times = Case(When(is_new_day, then=Value(1)), default=F(quota.count) + 1)
    claim = {quota.asked_at: None, quota.sent_at: now, quota.count: times}
    if asked.filter(is_apart).filter(is_new_day | has_some_left).update(**claim):
        return True
    # A link is in the inbox already, so this request is dropped.
    asked.update(**{quota.asked_at: None})
    return False


def _claim_move(subscriber: Subscriber, now: datetime) -> bool:
    """Whether the new address may get its mail: the limits are those of a confirmation.

    A domain that had its mails for this hour, by whomever, only lets it wait.
    """
    email = subscriber.new_email
    if not rate_limits.may_get_mail(email, now):
        return False
    asked = Subscriber.objects.filter(pk=subscriber.pk, move_asked_at=subscriber.move_asked_at)
    is_refused = Suppression.objects.about(email).exists()
    if not asked.update(move_asked_at=None) or is_refused:
        return False
    if not mailbox_limits.claim_mail(email, now, mailbox_limits.MOVE):
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


def _restore_request(subscriber: Subscriber, *fields: str) -> None:
    """Give the claim back, so that the next minute's run tries once more."""
    before = {field: getattr(subscriber, field) for field in fields}
    Subscriber.objects.filter(pk=subscriber.pk).update(**before)


def _build_link_mail(subscriber: Subscriber, now: datetime) -> EmailMultiAlternatives:
    context = {
        "preferences_url": mail_links.fresh_preferences_url(subscriber, now),
        "wish": topic_changes.read_wish(subscriber, now),
        "account_url": mail_links.account_url(subscriber, now),
        "unsubscribe_url": mail_links.unsubscribe_url(subscriber.pk, subscriber.link_version),
    }
    return _build_mail("link", subscriber.email, context)


def _build_move_mail(subscriber: Subscriber, now: datetime) -> EmailMultiAlternatives:
    url = mail_links.move_url(subscriber.pk, now, subscriber.new_email, subscriber.link_version)
    return _build_mail("move", subscriber.new_email, {"move_url": url})


def _build_notice(former: FormerAddress) -> EmailMultiAlternatives:
    """A fixed text, which does not say where the digests go now."""
    return _build_mail(
        "moved", former.email, {"move_back_url": mail_links.move_back_url(former.pk)}
    )


def _build_mail(name: str, to: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    context |= {"postal_address": settings.POSTAL_ADDRESS}
    return emails.build_mail(name, to, context, {"Auto-Submitted": "auto-generated"})
