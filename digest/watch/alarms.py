"""What somebody has to look into: a row on the admin's first page, and a word to the operators.

Each kind of alarm is told at most once an hour, to OPERATORS_EMAIL, OPERATORS_WEBHOOK and
OPERATORS_NTFY; while it lasts, every hour anew; and once more when it is over. The mail goes
through the provider that all mail goes through, so where that one refuses our account it does not
arrive: the webhook is the way that does not hang on it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from digest.models import OperatorAlarm
from digest.models.flights import REASON_CHARS
from digest.watch.alarm_pages import find_address
from subscribers.mail.mail_connection import send_message

logger = logging.getLogger(__name__)

ACCOUNT_REFUSED = "account-refused"  # the one kind that is not an edition's
TOLD_EVERY = timedelta(hours=1)
MAIL_SUBJECT = "Offprint: "  # and then the alarm's kind
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
    tell_operators(kind, sentence, now)
    return True


def resolve_alarm(kind: str, now: datetime) -> bool:
    """Say that it is over, to whoever was told of it; False where nothing was wrong."""
    alarm = select_lasting().filter(kind=kind).first()
    # Of many workers that say it at once, one tells.
    if alarm is None or not select_lasting().filter(kind=kind).update(resolved_at=now):
        return False
    logger.warning("The alarm %s is over.", kind)
    if alarm.told_at:
        said = _("It is over: %(sentence)s") % {"sentence": alarm.sentence}
        tell_operators(kind, said[:REASON_CHARS], now)
    return True


def tell_operators(kind: str, sentence: str, now: datetime) -> dict[str, str]:
    """By every way that is set up; for each what became of it, "" where it was taken."""
    ways: dict[str, tuple[object, Callable[[], str]]] = {
        "mail": (settings.OPERATORS_EMAIL, lambda: _send_mail(kind, sentence)),
        "webhook": (settings.OPERATORS_WEBHOOK, lambda: _post_to_webhook(kind, sentence, now)),
        "ntfy": (settings.OPERATORS_NTFY, lambda: _post_to_ntfy(kind, sentence)),
    }
    return {name: tell() for name, (is_set, tell) in ways.items() if is_set}


def select_lasting() -> QuerySet[OperatorAlarm]:
    """The alarms that are not over, the oldest first."""
    return OperatorAlarm.objects.filter(resolved_at=None).order_by("raised_at", "pk")


def _send_mail(kind: str, sentence: str) -> str:
    message = EmailMessage(
        f"{MAIL_SUBJECT}{kind}",
        f"{sentence}\n\n{find_address(kind)}\n",
        to=list(settings.OPERATORS_EMAIL),
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        send_message(message, MAIL_SECONDS)
    except Exception as error:  # of whatever kind: the alarm stands in the log and the database
        logger.error("The operators could not be mailed: %s", error)
        return str(error) or type(error).__name__
    return ""


def _post_to_webhook(kind: str, sentence: str, now: datetime) -> str:
    """Post what is wrong as JSON; `text` and `content` are what chat programs show."""
    text = f"Offprint: {sentence}"
    said = {"kind": kind, "text": text, "content": text, "at": now.isoformat()}
    said["url"] = find_address(kind)
    return post_to("webhook", settings.OPERATORS_WEBHOOK, json=said)


def _post_to_ntfy(kind: str, sentence: str) -> str:
    """Post it to an ntfy topic: the body is the text, the headers say the rest."""
    headers = {
        "Title": f"Offprint: {kind}",
        "Click": find_address(kind),
        "Tags": "newspaper",
    }
    return post_to("ntfy", settings.OPERATORS_NTFY, data=sentence.encode(), headers=headers)


def post_to(name: str, url: str, **said: Any) -> str:
    """Post to an address of the operators; what went wrong, "" where it was taken.

    The error's own text is not said: it names the address, which may hold a secret.
    """
    try:
        # Its answer is not read, however long it is.
        with requests.post(
            url, timeout=WEBHOOK_SECONDS, stream=True, allow_redirects=False, **said
        ) as answer:
            answer.raise_for_status()
    except requests.RequestException as error:
        logger.error("The operators' %s did not take it: %s", name, type(error).__name__)
        return _explain_failure(error)
    return ""


def _explain_failure(error: requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _("it answered %(status)s") % {"status": error.response.status_code}
    if isinstance(error, requests.Timeout):
        return _("no answer within %(seconds)s seconds") % {"seconds": f"{WEBHOOK_SECONDS:.0f}"}
    return _("it could not be reached (%(error)s)") % {"error": type(error).__name__}
