"""What the pages around a subscription share: secret addresses, calls to a worker, owners.

No page sets a cookie. The links of a mail are their own proof of identity, so their pages need no
CSRF token; a form that proves nothing only has to come from our own page.
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
from subscribers.models import Subscriber
from subscribers.rate_limits import Refusal
from subscribers.tokens import DatedLink

BEAT_SECONDS = 0.05
View = Callable[..., HttpResponse]
shows_and_acts = require_http_methods(["GET", "HEAD", "POST"])


def only_reads(view: View) -> View:
    """For pages that only show: what else is sent gets a 405 that says so, not one about forms."""
    return csrf_exempt(require_safe(view))


def token_page(view: View) -> View:
    """For pages whose address is a secret: kept by no cache, found by no search, told to nobody."""

    @csrf_exempt
    @shows_and_acts
    @wraps(view)
    def shown(request: HttpRequest, token: str, **place: Any) -> HttpResponse:
        response = view(request, token, **place)
        add_never_cache_headers(response)
        patch_cache_control(response, no_store=True, private=True)
        keep_to_itself(response)
        return response

    return shown


def keep_to_itself(response: HttpResponse) -> None:
    """What has a secret address is found by no search, and no link on it tells where it stood."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"


def open_page(view: View) -> View:
    """For forms that anybody may send, from our own pages only."""

    @csrf_exempt
    @shows_and_acts
    @wraps(view)
    def shown(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return view(request)
        if _comes_from_elsewhere(request):
            return render(request, "403_csrf.html", status=403)
        began_at = time.monotonic()
        response = view(request)
        # Whoever asked too much was refused before anything was looked up.
        if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            _wait_for_the_beat(began_at)
        return response

    return shown


def _wait_for_the_beat(began_at: float) -> None:
    """Answer a whole number of beats after the question.

    A row that is written anew takes some microseconds longer than one that is there already, and
    with patience a stranger could tell by the clock whom we know.
    """
    if BEAT_SECONDS:
        time.sleep(BEAT_SECONDS - (time.monotonic() - began_at) % BEAT_SECONDS)


def _comes_from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that another site's page sent this."""
    origin = request.headers.get("Origin")
    ours = {request.get_host(), urlsplit(settings.SITE_URL).netloc}
    try:
        return origin is not None and urlsplit(origin).netloc not in ours
    except ValueError:  # no address at all: no browser says that of our page
        return True


def too_many(request: HttpRequest, refusal: Refusal, template: str = "429.html") -> HttpResponse:
    response = render(request, template, {"refusal": refusal}, status=429)
    response["Retry-After"] = str(refusal.seconds)
    return response


def wake(task: Task[..., None], *arguments: int) -> None:
    """Call a worker once all is written; when the broker is down, the sweep finds what was."""

    def call() -> None:
        task.apply_async(arguments, retry=False)

    transaction.on_commit(call, robust=True)


def dated_owner(purpose: str, token: str) -> tuple[DatedLink, Subscriber] | None:
    """A dated link, expired or not, and whose it is; None as for `owner`."""
    link = tokens.read_dated(purpose, token)
    subscriber = Subscriber.objects.filter(pk=link.subscriber_id).first() if link else None
    return (link, subscriber) if link and subscriber else None


def broken_link(request: HttpRequest) -> HttpResponse:
    return render(request, "subscribers/broken_link.html", status=404)


def owner(purpose: str, token: str) -> Subscriber | None:
    """Whose link this is; None when it is forged, or its subscriber is gone."""
    subscriber_id = tokens.read(purpose, token)
    return Subscriber.objects.filter(pk=subscriber_id).first() if subscriber_id else None
