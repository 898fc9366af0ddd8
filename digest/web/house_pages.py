"""What the operator says of the site: privacy, imprint, contact, where to report weaknesses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from digest.web.shared_pages import same_for_all
from subscribers.account.address import BACK_WITHIN, PENDING_FOR
from subscribers.account.retention import CONTENTS_KEPT_FOR, EVENTS_KEPT_FOR, LEFT_KEPT_FOR
from subscribers.signup.mailbox_limits import SILENT_FOR
from subscribers.site_look import read_look

# RFC 9116 asks for a date within a year; a new one is said each month.
SECURITY_VALID_FOR = timedelta(days=180)
FRESH_SECONDS = 3_600


@require_safe
@same_for_all
def show_privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, for how long and why: by the limits that the nightly task keeps."""
    days = {
        "contents": CONTENTS_KEPT_FOR,
        "events": EVENTS_KEPT_FOR,
        "left": LEFT_KEPT_FOR,
        "pending": PENDING_FOR,
        "moved": BACK_WITHIN,
        "counts": SILENT_FOR,
    }
    context = {"text": read_look().privacy, "days": {k: d.days for k, d in days.items()}}
    return render(request, "digest/privacy.html", context)


@require_safe
@same_for_all
def show_imprint(request: HttpRequest) -> HttpResponse:
    look = read_look()
    said = _("Who is responsible for %(name)s, the digest of new research papers, and where.") % {
        "name": look.name
    }
    return _show_text(request, _("Imprint"), look.imprint, said)


@require_safe
@same_for_all
def show_contact(request: HttpRequest) -> HttpResponse:
    look = read_look()
    said = _("How to reach the people who run %(name)s, the digest of new research papers.") % {
        "name": look.name
    }
    return _show_text(request, _("Contact"), look.contact, said)


def _show_text(request: HttpRequest, title: str, text: str, description: str) -> HttpResponse:
    """A page of the operator's; where they set no text there is none."""
    if not text:
        raise Http404("The operator has set no text for this page.")
    context = {"title": title, "text": text, "description": description}
    return render(request, "digest/house_page.html", context)


@require_safe
def serve_security(_request: HttpRequest) -> HttpResponse:
    """/.well-known/security.txt of RFC 9116."""
    if not settings.SECURITY_CONTACT:
        raise Http404("The operator has named no contact for weaknesses.")
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {find_expiry(timezone.now()):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return response


def find_expiry(now: datetime) -> datetime:
    """The beginning of the month in which what is said now is to be asked for anew."""
    later = now + SECURITY_VALID_FOR
    return datetime(later.year, later.month, 1, tzinfo=UTC)
