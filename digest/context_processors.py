"""What the head and foot of every page need."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from subscribers.mail.mail_connection import keeps_mail_here
from subscribers.site_look import read_look


def masthead(_request: HttpRequest) -> dict[str, object]:
    return {
        "site": read_look(),
        "site_url": settings.SITE_URL,
        "has_outbox": keeps_mail_here(),
    }
