"""Sends confirmations: claimed before they go, so that nobody can be flooded with them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected

from anymail.exceptions import AnymailAPIError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q

from subscribers.limits import rate_limits
from subscribers.mail import emails, mail_connection, mail_links
from subscribers.models import Subscriber
from subscribers.signup import mailbox_limits, opt_in
from subscribers.signup.mailbox_limits import APART, BEFORE_SILENCE

log = logging.getLogger(__name__)

# One sweep's share; the next one goes on.
SWEPT_AT_ONCE = 200


def send_confirmation(subscriber_id: int, now: datetime) -> bool:
    """Send the mail if it may go now; False when it did not leave for a reason that may pass."""
    subscriber = _claim_confirmation(subscriber_id, now)
    if subscriber is None:
        return True
    try:
        mail_connection.send_message(_build_message(subscriber))
    except Exception as error:  # whatever the backend in use may raise
        log.warning("The confirmation of subscriber %s failed: %s", subscriber_id, error)
        if may_retry(error):
            _release_claim(subscriber)
            return False
    return True


def send_waiting(now: datetime) -> None:
    """Send the confirmations that no task has sent; the first failure ends this sweep."""
    for subscriber_id in _find_waiting(now):
        if not send_confirmation(subscriber_id, now):
            return


@dataclass(frozen=True)
class Outlook:
    """What becomes of a confirmation that was just asked for once more."""

    is_suppressed: bool
    is_slow: bool  # its domain has had its mails for this hour
    sent_at: datetime | None  # one went in the last day, so that none goes now
    is_silent: bool  # three went without an answer, so that no more go


def foresee_mail(subscriber: Subscriber, now: datetime) -> Outlook:
    """Whether a mail can go; only for the owner's pages: it says whether we know the address."""
    return foresee_mails([subscriber], now)[subscriber.pk]


def foresee_mails(subscribers: Sequence[Subscriber], now: datetime) -> dict[int, Outlook]:
    """The same for many at once, by their ids."""
    ids = [subscriber.pk for subscriber in subscribers]
    reachable = set(Subscriber.objects.reachable().filter(pk__in=ids).values_list("pk", flat=True))
    counts = mailbox_limits.read_counts(subscriber.email for subscriber in subscribers)
    may_go = {
        domain: rate_limits.may_get_mail(f"@{domain}", now)
        for domain in {subscriber.email.rpartition("@")[2] for subscriber in subscribers}
    }
    outlooks = {}
    for subscriber in subscribers:
        count = counts.get(subscriber.email)
        sent = (subscriber.confirmation_sent_at, count and count.letter_sent_at)
        had = max(subscriber.confirmations_sent, count.letters_sent if count else 0)
        outlooks[subscriber.pk] = Outlook(
            is_suppressed=subscriber.pk not in reachable,
            is_slow=not may_go[subscriber.email.rpartition("@")[2]],
            sent_at=max((at for at in sent if at and at > now - APART), default=None),
            is_silent=had >= BEFORE_SILENCE,
        )
    return outlooks


def _claim_confirmation(subscriber_id: int, now: datetime) -> Subscriber | None:
    """The subscriber, if a confirmation may go now; a second claim gets None."""
    subscriber = Subscriber.objects.filter(pk=subscriber_id).first()
    if subscriber is None or not rate_limits.may_get_mail(subscriber.email, now):
        return None
    due = Q(confirmation_sent_at=None) | Q(confirmation_sent_at__lte=now - APART)
    may_go = (
        Subscriber.objects.reachable()
        .filter(due, pk=subscriber_id, confirmations_sent__lt=BEFORE_SILENCE)
        .with_wishes()
    )
    with transaction.atomic():
        times = F("confirmations_sent") + 1
        if not may_go.update(confirmation_sent_at=now, confirmations_sent=times):
            return None
        if mailbox_limits.claim_mail(subscriber.email, now):
            rate_limits.count_mail(subscriber.email, now)
            subscriber.refresh_from_db()
            opt_in.record_confirmation(subscriber, now)
            return subscriber
        transaction.set_rollback(True)
    _stop_waiting(subscriber)
    return None


def _stop_waiting(subscriber: Subscriber) -> None:
    """Take a wish from the sweep whose mailbox had its mail under another spelling.

    The wish itself stays: whoever asks once more after a day gets a mail.
    """
    as_claimed = Subscriber.objects.select_for_update().filter(
        pk=subscriber.pk,
        confirmation_sent_at=subscriber.confirmation_sent_at,
        wish_asked_at=subscriber.wish_asked_at,
    )
    with transaction.atomic():
        for row in as_claimed:
            if row.wishes == subscriber.wishes:  # else it was typed in this very moment
                row.wish_asked_at = None
                row.save(update_fields=["wish_asked_at"])


def _release_claim(subscriber: Subscriber) -> None:
    """Give the claim back, so that the sweep tries once more; the row of the mail stays.

    A server may answer with an error and deliver the mail all the same.
    """
    claimed_at = subscriber.confirmation_sent_at
    assert claimed_at is not None
    Subscriber.objects.filter(pk=subscriber.pk, confirmation_sent_at=claimed_at).update(
        confirmation_sent_at=None, confirmations_sent=F("confirmations_sent") - 1
    )
    mailbox_limits.release_mail(subscriber.email, claimed_at)


def may_retry(error: Exception) -> bool:
    """Whether the mail surely did not leave, for a reason that may pass.

    A connection lost after the mail was handed over proves nothing: that counts as sent.
    """
    if isinstance(error, AnymailAPIError):
        status = _read_status(error.response)
        return status == HTTPStatus.TOO_MANY_REQUESTS or status in {401, 403} or status >= 500
    if isinstance(error, SMTPException):
        return not isinstance(error, (SMTPRecipientsRefused, SMTPServerDisconnected))
    return isinstance(error, ConnectionRefusedError)


def _read_status(response: object) -> int:
    """The HTTP status of an answer; 0 where there was none."""
    if isinstance(response, dict):  # of Amazon SES, as boto3 has parsed it
        return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return int(getattr(response, "status_code", 0))


def _find_waiting(now: datetime) -> list[int]:
    """Ids of those who asked within a day, when a mail was due, and have not got it."""
    asked_of_late = Subscriber.objects.reachable().filter(
        wish_asked_at__gte=now - APART, confirmations_sent__lt=BEFORE_SILENCE
    )
    waiting = (
        subscriber
        for subscriber in asked_of_late.order_by("pk").iterator()
        # A flooded domain must not hold up the others.
        if _was_due_when_asked(subscriber) and rate_limits.may_get_mail(subscriber.email, now)
    )
    return [subscriber.pk for subscriber in islice(waiting, SWEPT_AT_ONCE)]


def _was_due_when_asked(subscriber: Subscriber) -> bool:
    last, asked_at = subscriber.confirmation_sent_at, subscriber.wish_asked_at
    return asked_at is not None and (last is None or last <= asked_at - APART)


def _build_message(subscriber: Subscriber) -> EmailMultiAlternatives:
    """A fixed text: of what the visitor typed it holds only the number of topics."""
    context = {
        "confirm_url": mail_links.confirm_url(subscriber),
        "topic_count": len(subscriber.wishes["topics"]),
        "postal_address": settings.POSTAL_ADDRESS,
    }
    return emails.build_mail(
        "confirmation", subscriber.email, context, {"Auto-Submitted": "auto-generated"}
    )
