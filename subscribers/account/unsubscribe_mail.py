"""Unsubscribes by mail: the `mailto:` of List-Unsubscribe, received through anymail."""

from __future__ import annotations

import logging
import re
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers import tokens
from subscribers.models import Subscriber

log = logging.getLogger(__name__)

# What the header asks mailboxes to write; some put Re: or a fold before it.
_WISH = re.compile(r"\bunsubscribe\s+(~[\w-]+|\d+(?:-\d+)?\.[\w-]+)", re.ASCII | re.IGNORECASE)
_LONGEST_SUBJECT = 500


def on_inbound(event: Any, **_unused: Any) -> None:
    """Unsubscribe whoever the subject's token names; a sender's address proves nothing."""
    subject = str(event.message.subject or "")[:_LONGEST_SUBJECT]
    wish = _WISH.search(subject)
    subscriber_id = tokens.read(tokens.UNSUBSCRIBE, wish[1]) if wish else None
    subscriber = Subscriber.objects.filter(pk=subscriber_id).first() if subscriber_id else None
    if subscriber is None:
        log.info("A mail came in that names no subscriber; it was left alone.")
        return
    subscriber.unsubscribe(timezone.now(), note=_("By a mail to the address in List-Unsubscribe."))
