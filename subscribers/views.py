"""The pages around a subscription. GET and HEAD show, POST acts.

No page sets a cookie. The links of a mail are their own proof of identity, so their pages need no
CSRF token; the sign-up, which proves nothing, only has to come from our own page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscribers import limits, signup, tasks, tokens
from subscribers.emails import preferences_url, unsubscribe_url
from subscribers.fields import split_topics
from subscribers.forms import PreferencesForm, SignUpForm, preferences_of
from subscribers.models import MAX_TOPICS, Subscriber
from subscribers.signup import Link

View = Callable[..., HttpResponse]
shows_and_acts = require_http_methods(["GET", "HEAD", "POST"])
MAX_PREFILLED_CHARS = 4000


def token_page(view: View) -> View:
    """For pages whose address is a secret: kept by no cache, found by no search, told to nobody."""

    @csrf_exempt
    @shows_and_acts
    @wraps(view)
    def shown(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        add_never_cache_headers(response)
        patch_cache_control(response, no_store=True, private=True)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return shown


@csrf_exempt
@shows_and_acts
def subscribe(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        topics = "\n".join(request.GET.getlist("t"))[:MAX_PREFILLED_CHARS]
        form = SignUpForm(initial={"topics": "\n".join(split_topics(topics)[:MAX_TOPICS])})
        return render(request, "subscribers/subscribe.html", {"form": form})
    if _comes_from_elsewhere(request):
        return render(request, "403_csrf.html", status=403)
    return _sign_up(request, timezone.now())


def _comes_from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that another site's page sent this."""
    origin = request.headers.get("Origin")
    ours = {request.get_host(), urlsplit(settings.SITE_URL).netloc}
    return origin is not None and urlsplit(origin).netloc not in ours


def _sign_up(request: HttpRequest, now: datetime) -> HttpResponse:
    if not limits.allows_sign_up(request, now):
        response = render(request, "429.html", status=429)
        response["Retry-After"] = str(limits.WINDOW_SECONDS)
        return response
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return render(request, "subscribers/subscribe.html", {"form": form}, status=422)
    email = form.cleaned_data["email"]
    if not form.is_from_a_program:
        _send_link(signup.ask(email, form.wishes(), now))
    return _check_inbox(request, email)


def _send_link(subscriber_id: int) -> None:
    """Wake a worker; when the broker is down, the sweep finds the wish."""

    def wake() -> None:
        tasks.send_confirmation.apply_async((subscriber_id,), retry=False)

    transaction.on_commit(wake, robust=True)


def _check_inbox(request: HttpRequest, email: str) -> HttpResponse:
    return render(request, "subscribers/check_inbox.html", {"email": email})


@token_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    link = tokens.read_confirmation(token)
    subscriber = Subscriber.objects.filter(pk=link.subscriber_id).first() if link else None
    if link is None or subscriber is None:
        return render(request, "subscribers/broken_link.html", status=404)
    state = signup.link_state(subscriber, link, now)
    if request.method == "POST" and state == Link.READY:
        subscriber = signup.confirm(subscriber.pk, now)
        state = Link.DONE
    elif request.method == "POST" and state == Link.EXPIRED:
        signup.ask_again(subscriber.pk, now)
        _send_link(subscriber.pk)
        return _check_inbox(request, subscriber.email)
    return _confirm_page(request, subscriber, state)


def _confirm_page(request: HttpRequest, subscriber: Subscriber, state: Link) -> HttpResponse:
    context = {
        "subscriber": subscriber,
        "wishes": subscriber.wishes,
        "topics": _followed(subscriber),
        "preferences_url": preferences_url(subscriber.pk),
    }
    pages = {
        Link.READY: ("subscribers/confirm.html", 200),
        Link.DONE: ("subscribers/confirmed.html", 200),
        Link.EXPIRED: ("subscribers/expired_link.html", 410),
        Link.SPENT: ("subscribers/spent_link.html", 410),
    }
    template, status = pages[state]
    return render(request, template, context, status=status)


def _followed(subscriber: Subscriber) -> list[str]:
    followed = subscriber.interests.filter(mode="follow").select_related("topic")
    return [interest.topic.query for interest in followed]


@token_page
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = _owner(tokens.PREFERENCES, token)
    if subscriber is None:
        return render(request, "subscribers/broken_link.html", status=404)
    data = request.POST if request.method == "POST" else None
    form = PreferencesForm(data, initial=preferences_of(subscriber))
    if request.method == "POST" and form.is_valid():
        form.save(subscriber, timezone.now())
        return redirect(f"{request.path}?saved=1")
    context = {
        "form": form,
        "subscriber": subscriber,
        "unsubscribe_url": unsubscribe_url(subscriber.pk),
        "is_saved": "saved" in request.GET,
    }
    status = 422 if form.errors else 200
    return render(request, "subscribers/preferences.html", context, status=status)


@token_page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058 too: the mailbox posts here, without cookies, and must get 200 and no redirect."""
    now = timezone.now()
    subscriber = _owner(tokens.UNSUBSCRIBE, token)
    if subscriber is None:
        return render(request, "subscribers/unknown.html")
    was_undone = False
    if request.method == "POST" and "undo" in request.POST:
        was_undone = signup.undo_unsubscribe(subscriber, now)
        subscriber.refresh_from_db()
    elif request.method == "POST":
        subscriber.unsubscribe(now)
    context = {
        "subscriber": subscriber,
        "was_undone": was_undone,
        "can_undo": signup.can_undo(subscriber, now),
        "preferences_url": preferences_url(subscriber.pk),
    }
    return render(request, "subscribers/unsubscribe.html", context)


def _owner(purpose: str, token: str) -> Subscriber | None:
    subscriber_id = tokens.read(purpose, token)
    return Subscriber.objects.filter(pk=subscriber_id).first() if subscriber_id else None
