"""What the pages of a subscription share: decorators, signed addresses, calls to a worker.

The links of a mail are their own proof of identity, so their pages need no CSRF token (the one
cookie of a reader, known_browsers.py, is no proof but a reason not to ask); a form that proves
nothing only has to come from our own page.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from celery import Task
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from subscribers import tokens
from subscribers.limits.rate_limits import Refusal
from subscribers.models import Subscriber
from subscribers.tokens import DatedLink

BEAT_SECONDS = 0.05
View = Callable[..., HttpResponse]
shows_and_acts = require_http_methods(["GET", "HEAD", "POST"])


def only_reads(view: View) -> View:
    """For pages that only show: other methods get a 405, not a page about forged forms."""
    return csrf_exempt(require_safe(view))


def token_page(view: View) -> View:
    """For pages behind a signed address: no-store, noindex and no-referrer."""

    @csrf_exempt
    @shows_and_acts
    @wraps(view)
    def shown(request: HttpRequest, token: str, **arguments: Any) -> HttpResponse:
        response = view(request, token, **arguments)
        add_never_cache_headers(response)
        patch_cache_control(response, no_store=True, private=True)
        set_private_headers(response)
        return response

    return shown


def set_private_headers(response: HttpResponse) -> None:
    """Set noindex, nofollow and no-referrer."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"


def open_page(view: View) -> View:
    """For forms that anybody may send, but only from our own pages; see `_wait_for_next_beat`."""

    @csrf_exempt
    @shows_and_acts
    @wraps(view)
    def shown(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return view(request)
        if _is_from_elsewhere(request):
            return render(request, "403_csrf.html", status=403)
        began_at = time.monotonic()
        response = view(request)
        # A 429 was answered before any address was looked up.
        if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            _wait_for_next_beat(began_at)
        return response

    return shown


def _wait_for_next_beat(began_at: float) -> None:
    """Sleep until a whole number of beats (50 ms) has passed since the request came.

    Inserting a row takes some microseconds longer than updating one, so that with enough requests
    a stranger could measure which addresses are subscribed.
    """
    if BEAT_SECONDS:
        time.sleep(BEAT_SECONDS - (time.monotonic() - began_at) % BEAT_SECONDS)


def _is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the header Origin names another site."""
    origin = request.headers.get("Origin")
    ours = {request.get_host(), urlsplit(settings.SITE_URL).netloc}
    try:
        return origin is not None and urlsplit(origin).netloc not in ours
    except ValueError:  # no URL at all, which no browser sends from our pages
        return True


def render_too_many(
    request: HttpRequest, refusal: Refusal, template: str = "429.html"
) -> HttpResponse:
    response = render(request, template, {"refusal": refusal}, status=429)
    response["Retry-After"] = str(refusal.seconds)
    return response


def call_worker(task: Task[..., None], *arguments: int) -> None:
    """Queue the task after the commit; where the broker is down, the sweep does its work."""

    def call() -> None:
        task.apply_async(arguments, retry=False)

    transaction.on_commit(call, robust=True)


def find_dated_owner(purpose: str, token: str) -> tuple[DatedLink, Subscriber] | None:
    """A dated link, expired or not, and its subscriber; None as for `find_owner`."""
    link = tokens.read_dated(purpose, token)
    subscriber = Subscriber.objects.filter(pk=link.subscriber_id).first() if link else None
    return (link, subscriber) if link and subscriber else None


def render_broken_link(request: HttpRequest) -> HttpResponse:
    return render(request, "subscribers/broken_link.html", status=404)


def find_owner(purpose: str, token: str) -> Subscriber | None:
    """The subscriber whose link this is; None when it is forged, ended, or they were deleted.

    A link to unsubscribe never ends: `is_ended` tells whether it is an earlier mailbox's.
    """
    link = tokens.read_version(purpose, token)
    subscriber = Subscriber.objects.filter(pk=link[0]).first() if link else None
    if subscriber and purpose != tokens.UNSUBSCRIBE and is_ended(purpose, token, subscriber):
        return None
    return subscriber


def is_ended(purpose: str, token: str, subscriber: Subscriber) -> bool:
    """Whether the subscriber's links of this version were ended, or they moved since."""
    link = tokens.read_version(purpose, token)
    return link is None or link[1] != subscriber.link_version
