"""What the head and foot of every page need."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from subscribers.mail_connection import keeps_mail_here


def masthead(_request: HttpRequest) -> dict[str, object]:
    return {
        "site_url": settings.SITE_URL,
        "has_imprint": bool(settings.IMPRINT_TEXT),
        "has_contact": bool(settings.CONTACT_TEXT),
        "has_outbox": keeps_mail_here(),
    }
