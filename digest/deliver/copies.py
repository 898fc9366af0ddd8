"""Mails that an operator has sent knowingly, beside the accounts of an edition.

A copy for the operator leads to nobody's preferences: whoever presses its buttons, or whose mailbox
follows its List-Unsubscribe, must not unsubscribe the subscriber. What is sent once more to the
subscriber is the mail as it was, with its own links.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.compose.profiles import NOBODY
from digest.models import Delivery, Paper
from digest.models.contents import list_paper_ids
from digest.render import Typesetter
from subscribers.mail.mail_connection import send_message
from subscribers.models import Subscriber

COPY_SUBJECT = "Copy of a reader's digest: "  # and then the digest's own
NO_PAPER = gettext_lazy("There is no mail: it holds no paper, or they were deleted since.")
_UNWANTED = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Precedence")


class NothingToSend(Exception):
    """There is no mail: it holds no paper, or all of them have been deleted since."""


def build_copy(delivery: Delivery) -> EmailMultiAlternatives:
    """The delivery's mail with links that lead to nobody. Raises NothingToSend."""
    theirs = copy(delivery.subscriber)
    theirs.pk = NOBODY
    shown = copy(delivery)
    shown.subscriber = theirs
    message = _render_mail(shown)
    for name in _UNWANTED:
        message.extra_headers.pop(name, None)
    message.metadata = {}  # type: ignore[attr-defined]
    return message


def send_copy(delivery: Delivery, address: str) -> None:
    """Mail the copy to an operator. Raises NothingToSend, and what the mail's backend raises."""
    message = build_copy(delivery)
    message.subject = f"{COPY_SUBJECT}{message.subject}"
    message.to = [address]
    send_message(message)


def explain_no_resend(delivery: Delivery) -> str:
    """Why this delivery may not be sent to its subscriber once more; "" where it may."""
    if delivery.status != Delivery.Status.SENT:
        return _("It was not sent: %(state)s.") % {"state": delivery.get_status_display().lower()}
    if not Subscriber.objects.mailable().filter(pk=delivery.subscriber_id).exists():
        return _("Its reader is not to be mailed: unconfirmed, gone, or the address is suppressed.")
    if not Paper.objects.filter(pk__in=list_paper_ids(delivery.contents)).exists():
        return str(NO_PAPER)
    return ""


def send_again(delivery: Delivery, now: datetime) -> None:
    """Mail a sent delivery to its subscriber once more, though they had it.

    It is noted that a call began for it now: what the provider lists of this hour is no surprise to
    the next start (after_restore/start_check.py).

    Raises NothingToSend, also where they are not to be mailed, and what the mail's backend raises.
    """
    if reason := explain_no_resend(delivery):
        raise NothingToSend(reason)
    message = _render_mail(delivery)
    Delivery.objects.sent().filter(pk=delivery.pk).update(maybe_sent_at=now)
    send_message(message)


def _render_mail(delivery: Delivery) -> EmailMultiAlternatives:
    message = Typesetter().render_all([delivery])[0] if delivery.contents else None
    if message is None:
        raise NothingToSend(NO_PAPER)
    return message
