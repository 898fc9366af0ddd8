"""Whether a browser has had somebody's links for a day: a cookie of its own says so.

We keep nothing about browsers. The cookie is sealed (tokens.py), so that it shows neither an
address nor a row's number; it ends with the links themselves, when a reader has new ones sent or
moves, and is sent to no page but the preferences. A letter's link, of a confirmation, of *Send me
my link* or of a move, makes a browser known at once: whoever opens it has the mailbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from subscribers import tokens
from subscribers.models import Subscriber
from subscribers.tokens import DatedLink

COOKIE = "offprint_reader"
NEW_FOR = timedelta(hours=24)
_KEPT_SECONDS = 400 * 86_400  # the longest that browsers keep one
_MOST_READERS = 8  # who share a browser
_LONGEST = 2_000  # characters
_FROM_LETTER = "letter"


def is_known(request: HttpRequest, subscriber: Subscriber, now: datetime) -> bool:
    """Whether it has had this subscriber's links for a day, or a letter's link was opened in it."""
    for since, said in _read_marks(request, subscriber):
        if said == _FROM_LETTER or now - since >= NEW_FOR:
            return True
    return False


def is_from_letter(token: str, subscriber: Subscriber, now: datetime) -> bool:
    """Whether this came in a letter to the subscriber's mailbox within the last two days."""
    link = tokens.read_dated(tokens.FRESH, token)
    if link is None or link.subscriber_id != subscriber.pk or link.is_expired(now):
        return False
    return link.is_for(subscriber.email, subscriber.link_version)


def note_browser(
    request: HttpRequest,
    response: HttpResponse,
    subscriber: Subscriber,
    now: datetime,
    *,
    is_from_letter: bool = False,
) -> None:
    """Let the browser keep since when it has this subscriber's links."""
    marks = [mark for mark in _read_marks(request, subscriber) if mark[0] <= now]
    is_sure = is_from_letter or any(said == _FROM_LETTER for _unused, said in marks)
    since = min([now, *(since for since, _unused in marks)])
    said = f"{subscriber.link_version}{_FROM_LETTER if is_sure else ''}"
    own = tokens.sign_dated(tokens.BROWSER, subscriber.pk, since, said)
    others = [token for token, one in _list_marks(request) if one.subscriber_id != subscriber.pk]
    response.set_cookie(
        COOKIE,
        ".".join([own, *others][:_MOST_READERS]),
        max_age=_KEPT_SECONDS,
        path=reverse("subscribers:lost-link"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read_marks(request: HttpRequest, subscriber: Subscriber) -> Iterator[tuple[datetime, str]]:
    """Since when this browser has the subscriber's links of today, and how it got them."""
    version = str(subscriber.link_version)
    for _token, one in _list_marks(request):
        said = one.address_mark.removesuffix(_FROM_LETTER)
        if one.subscriber_id == subscriber.pk and said == version:
            yield one.issued_at, one.address_mark[len(said) :]


def _list_marks(request: HttpRequest) -> Iterator[tuple[str, DatedLink]]:
    """What is of our making in the cookie, as it stands there and as it reads."""
    cookie = request.COOKIES.get(COOKIE, "")
    if len(cookie) <= _LONGEST:
        for token in cookie.split(".")[:_MOST_READERS]:
            if mark := tokens.read_dated(tokens.BROWSER, token):
                yield token, mark
