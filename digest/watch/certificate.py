"""How long the certificate of our own site is still good for, asked as a browser does."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SOON = timedelta(days=14)  # by then whoever renews it by itself has failed for two weeks
SECONDS = 5.0


class CannotAsk(Exception):
    """The site cannot be reached from here, which says nothing of its certificate."""


class BadCertificate(Exception):
    """A browser would refuse it; the message says why."""


def read_expiry(url: str) -> datetime | None:
    """When the certificate of an https address ends; None for an address without one.

    Raises CannotAsk and BadCertificate.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    where = (parts.hostname, parts.port or 443)
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection(where, SECONDS) as line,
            context.wrap_socket(line, server_hostname=parts.hostname) as secured,
        ):
            found = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        raise BadCertificate(error.verify_message or str(error)) from error
    except OSError as error:
        raise CannotAsk(str(error)) from error
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)


def describe_certificate(url: str, now: datetime) -> str:
    """What is wrong with it and what to do first; "" where nothing is. Raises CannotAsk."""
    first = _("First look at the log of the proxy that renews it.")
    try:
        ends_at = read_expiry(url)
    except BadCertificate as error:
        return _("Browsers refuse the certificate of %(url)s: %(error)s. %(first)s") % {
            "url": url,
            "error": error,
            "first": first,
        }
    if ends_at is None or ends_at - now > SOON:
        return ""
    left = max((ends_at - now).days, 0)
    return ngettext(
        "The certificate of %(url)s ends on %(day)s %(ends_at)s, in %(left)s "
        "day, and nothing has renewed it. %(first)s",
        "The certificate of %(url)s ends on %(day)s %(ends_at)s, in %(left)s "
        "days, and nothing has renewed it. %(first)s",
        left,
    ) % {
        "url": url,
        "day": ends_at.day,
        "ends_at": date_format(ends_at, "F Y"),
        "left": left,
        "first": first,
    }
