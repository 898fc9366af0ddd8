"""The pages of the local outbox. Where mail really leaves, they do not exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from digest.deliver.outbox import MailParts, read_mail, read_outbox
from digest.web.mail_document import POLICY, make_mail_response
from subscribers.mail.mail_connection import keeps_mail_here
from subscribers.web.decorators import only_reads

# A mail may style itself and nothing else: no script, no picture from elsewhere, no form.
MAIL_POLICY = (
    f"{POLICY}; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_OF_PROXIES = [
    f"HTTP_{name}"
    for name in [
        *("X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO"),
        *("X_REAL_IP", "FORWARDED", "VIA"),
    ]
]
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
# Links of a mail open a window of their own, free of the sandbox, as they would from a mailbox.
_BASE = '<base target="_blank">'


def outbox_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages that exist only where mail stays here, and only for who may look; never cached."""

    @only_reads
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: str) -> HttpResponse:
        if not keeps_mail_here():
            raise Http404("This site sends its mail; it keeps no outbox.")
        if not _may_look(request):
            raise Http404("From elsewhere the outbox opens only to staff signed in to the admin.")
        response = view(request, **arguments)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def _may_look(request: HttpRequest) -> bool:
    """Whether it is staff, or somebody at this machine: mails hold people's addresses and links."""
    return _is_at_this_machine(request) or (
        request.user.is_staff and request.user.has_perm("digest.view_delivery")
    )


def _is_at_this_machine(request: HttpRequest) -> bool:
    """Whether the request came from here, to a name of this machine, and through no proxy.

    The name tells a page elsewhere whose host was made to point here (DNS rebinding) apart, and a
    proxy's headers whoever comes from elsewhere through a program of this machine.
    """
    address = request.META.get("REMOTE_ADDR", "")
    is_near = not address or ip_address(address).is_loopback  # empty behind a Unix socket
    name = urlsplit(f"//{request.get_host()}").hostname
    is_ours = "*" not in settings.ALLOWED_HOSTS or name in ("localhost", "127.0.0.1", "::1")
    is_passed_on = any(header in request.META for header in _OF_PROXIES)
    return bool(settings.SITE_IS_LOCAL and is_near and is_ours and not is_passed_on)


@outbox_page
def show_outbox(request: HttpRequest, name: str = "") -> HttpResponse:
    """All mails, newest first, and one of them whole: the newest unless another is named."""
    mails = read_outbox(Path(settings.OUTBOX_DIR))
    chosen = name or (mails[0].name if mails else "")
    parts = _read_mail_or_404(chosen) if chosen else None
    context = {"mails": mails, "chosen": chosen, "parts": parts}
    return render(request, "digest/outbox.html", context)


@outbox_page
def show_mail_html(_request: HttpRequest, name: str) -> HttpResponse:
    return make_frame_response(_read_mail_or_404(name).html)


def make_frame_response(html: str) -> HttpResponse:
    """A mail's HTML as a document of its own, for a sandboxed frame."""
    head = _HEAD.search(html)
    at = head.end() if head else 0
    return make_mail_response(f"{html[:at]}{_BASE}{html[at:]}", MAIL_POLICY)


def _read_mail_or_404(name: str) -> MailParts:
    parts = read_mail(Path(settings.OUTBOX_DIR), name)
    if parts is None:
        raise Http404("There is no such mail in the outbox.")
    return parts
