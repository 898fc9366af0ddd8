"""What somebody has to look into: a row on the admin's first page, and a word to the operators.

Each kind of alarm is told at most once an hour, to OPERATORS_EMAIL and OPERATORS_WEBHOOK; while it
lasts, every hour anew. The mail goes through the provider that all mail goes through, so where that
one refuses our account it does not arrive: the webhook is the way that does not hang on it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet

from digest.models import OperatorAlarm
from digest.models.flights import REASON_CHARS
from subscribers.mail_connection import send_message

logger = logging.getLogger(__name__)

ACCOUNT_REFUSED = "account-refused"  # the one kind that is not an edition's
TOLD_EVERY = timedelta(hours=1)
MAIL_SECONDS, WEBHOOK_SECONDS = 15.0, 5.0  # a run of delivery waits for them


def raise_alarm(kind: str, sentence: str, now: datetime) -> bool:
    """Say that something is wrong; whether the operators were told now, by us.

    Many workers may say it at once: one of them tells. Call it outside of transactions, for the
    calls it makes. Raises what the database raises, and nothing of what mail and webhook do.
    """
    sentence = sentence[:REASON_CHARS]
    alarm, is_new = OperatorAlarm.objects.get_or_create(
        kind=kind, defaults={"sentence": sentence, "raised_at": now}
    )
    rows = OperatorAlarm.objects.filter(pk=alarm.pk)
    if not is_new:
        rows.exclude(resolved_at=None).update(raised_at=now, resolved_at=None)
        rows.exclude(sentence=sentence).update(sentence=sentence)
    # One told in the future was told by a clock that was set back since.
    is_due = Q(told_at=None) | Q(told_at__lte=now - TOLD_EVERY) | Q(told_at__gt=now + TOLD_EVERY)
    if not rows.filter(is_due).update(told_at=now):
        return False
    logger.critical("%s", sentence)
    _send_mail(kind, sentence)
    _post_to_webhook(kind, sentence, now)
    return True


def resolve_alarm(kind: str, now: datetime) -> bool:
    """Say that it is over; False where nothing was wrong."""
    if not select_lasting().filter(kind=kind).update(resolved_at=now):
        return False
    logger.warning("The alarm %s is over.", kind)
    return True


def select_lasting() -> QuerySet[OperatorAlarm]:
    """The alarms that are not over, the oldest first."""
    return OperatorAlarm.objects.filter(resolved_at=None).order_by("raised_at", "pk")


def _send_mail(kind: str, sentence: str) -> None:
    if not settings.OPERATORS_EMAIL:
        return
    message = EmailMessage(
        f"Offprint: {kind}",
        f"{sentence}\n\n{settings.SITE_URL}/admin/\n",
        to=list(settings.OPERATORS_EMAIL),
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        send_message(message, MAIL_SECONDS)
    except Exception as error:  # of whatever kind: the alarm stands in the log and the database
        logger.error("The operators could not be mailed: %s", error)


def _post_to_webhook(kind: str, sentence: str, now: datetime) -> None:
    """Post what is wrong as JSON; `text` is what chat programs show."""
    if not settings.OPERATORS_WEBHOOK:
        return
    said = {"kind": kind, "text": f"Offprint: {sentence}", "at": now.isoformat()}
    said["url"] = f"{settings.SITE_URL}/admin/"
    try:
        # Its answer is not read, however long it is.
        with requests.post(
            settings.OPERATORS_WEBHOOK,
            json=said,
            timeout=WEBHOOK_SECONDS,
            stream=True,
            allow_redirects=False,
        ) as answer:
            answer.raise_for_status()
    except requests.RequestException as error:
        # Not the error's text: it names the address, which may hold a secret.
        logger.error("The operators' webhook did not take it: %s", type(error).__name__)
