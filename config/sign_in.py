"""How staff sign in: what strangers may try, and why no stranger keeps the right person out.

Tries are counted before a password is hashed, since a hash costs a third of a CPU second: of a
network, of a name, and of all together. A device on which somebody signed in before with the same
password is counted by itself, each apart from the others, and a link by mail
(`admin/password_reset/`) gets in as well. Beside it django-axes locks out a name from an address
after five wrong passwords.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import PasswordResetView
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from subscribers import forgiving_cache
from subscribers.limits import rate_limits

DEVICE_COOKIE = "offprint_device"
_DEVICE_SECONDS = 180 * 86_400
_NUMBER_CHARS = 16  # of a device, drawn at random
# What was done on a device: the password typed, or the second step too.
_PASSWORD, _STEP = "p", "s"
MINUTE, QUARTER, HOUR = 60, 900, 3600
PER_NETWORK, PER_NAME, PER_DEVICE = 10, 10, 10  # in a quarter of an hour
CODES_PER_DEVICE = 5  # in a quarter of an hour, without a pause between them
IN_ALL = 20  # in a minute: of strangers, that is, whatever names they try
LINKS_PER_NAME = 3  # in an hour
# How long after signing in, or after a second step, somebody may change by what they sign in.
RECENT_SECONDS = 1800
_SIGNED_IN_AT = "signed_in_at"
NOT_RECENT = _("You signed in a while ago. To change how you do it, sign in again first.")
ONE_TIME_FILE = "one_time_password"  # in VAR_DIR: the hash of what `make run` printed
TOO_MANY = _(
    "Too many tries to sign in. Wait a quarter of an hour, sign in from a browser that you signed "
    "in with before, or have a link sent to you by mail."
)
LOCKED = _(
    "Five wrong passwords came for this name from your network. Wait an hour, sign in from a "
    "browser that you signed in with before, or have a link sent to you by mail."
)
CHANGE_IT = _("You signed in with the password that was printed when this began. Change it now: %s")


class SignInForm(AuthenticationForm):  # type: ignore[misc] # unfold has no types
    """The admin's form, which refuses too many tries before it looks at the password."""

    def clean(self) -> Any:
        name = str(self.cleaned_data.get("username", ""))
        if not may_try(self.request, name, timezone.now()):
            raise ValidationError(TOO_MANY, code="too_many")
        return super().clean()


def may_try(request: HttpRequest, name: str, now: datetime) -> bool:
    """Count a try to sign in with this name; False where it is one too many."""
    if device := _read_device_of(request, name):
        return _count_attempt(f"device:{device.number}", QUARTER, now) <= PER_DEVICE
    network = rate_limits.find_network(request)
    return (
        _count_attempt(f"network:{network}", QUARTER, now) <= PER_NETWORK
        and _count_attempt(f"name:{name.casefold()[:150]}", QUARTER, now) <= PER_NAME
        and _count_attempt("all", MINUTE, now) <= IN_ALL
    )


def may_try_code(request: HttpRequest, now: datetime) -> bool:
    """Count a code of the second step; whether no wrong one before it has to hold it up.

    So on a device on which it was done before: whoever knows the password alone has none.
    """
    device = _read_device(request, request.user)
    if device is None or not device.did_step:
        return False
    tries = _count_or_none(f"code:{device.number}", QUARTER, now)
    return tries is not None and tries <= CODES_PER_DEVICE


def _count_attempt(what: str, seconds: int, now: datetime) -> int:
    return _count_or_none(what, seconds, now) or 0


def _count_or_none(what: str, seconds: int, now: datetime) -> int | None:
    """How often in this stretch of time; None where the cache is away, and nothing is counted."""
    window = int(now.timestamp()) // seconds
    return forgiving_cache.increment_counter(f"sign-in:{_make_cache_key(what)}:{window}", seconds)


def _make_cache_key(what: str) -> str:
    """A key of the cache, which takes no blanks and not any length."""
    return salted_hmac("config.sign_in", what, algorithm="sha256").hexdigest()[:32]


# Known devices


@dataclass(frozen=True)
class Device:
    """A browser on which somebody signed in, and whether they did the second step there."""

    number: str
    did_step: bool


def is_known_device(request: HttpRequest | None, credentials: dict[str, Any] | None) -> bool:
    """Whether whoever has this name signed in on this device before, with the same password."""
    name = (credentials or {}).get("username")
    return request is not None and _read_device_of(request, str(name or "")) is not None


def _read_device_of(request: HttpRequest, name: str) -> Device | None:
    if not name or DEVICE_COOKIE not in request.COOKIES:
        return None
    return _read_device(request, get_user_model().objects.filter(username=name).first())


def _read_device(request: HttpRequest, user: Any) -> Device | None:
    """What the cookie says, where it was made for this user and this password."""
    cookie = request.COOKIES.get(DEVICE_COOKIE, "")
    number, kind = cookie[:_NUMBER_CHARS], cookie[_NUMBER_CHARS : _NUMBER_CHARS + 1]
    if user is None or kind not in (_PASSWORD, _STEP):
        return None
    if not hmac.compare_digest(cookie.encode(), _write_device(user, number, kind).encode()):
        return None
    return Device(number, kind == _STEP)


def _write_device(user: Any, number: str, kind: str) -> str:
    """What the cookie holds; it ends with the password."""
    said = f"{user.pk}:{user.password}:{number}:{kind}"
    return f"{number}{kind}{salted_hmac('config.device', said, algorithm='sha256').hexdigest()}"


def note_step(request: HttpRequest) -> None:
    """The second step was done on this device, which is known by it the next time."""
    request.signed_in_now = request.user  # type: ignore[attr-defined]
    request.did_step_now = True  # type: ignore[attr-defined]


class DeviceMiddleware:
    """Gives the browser of whoever signed in a cookie by which it is known the next time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if user := getattr(request, "signed_in_now", None):
            known = _read_device(request, user)
            number = known.number if known else secrets.token_hex(_NUMBER_CHARS // 2)
            did_step = getattr(request, "did_step_now", False) or (known and known.did_step)
            response.set_cookie(
                DEVICE_COOKIE,
                _write_device(user, number, _STEP if did_step else _PASSWORD),
                max_age=_DEVICE_SECONDS,
                path="/admin/",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def note_sign_in(request: HttpRequest) -> None:
    """Somebody proved in this session just now who they are."""
    request.session[_SIGNED_IN_AT] = timezone.now().timestamp()


def is_sign_in_recent(request: HttpRequest) -> bool:
    """Whether it is likely still the same person: a session lasts longer than one at a desk.

    A sign-in of later than now, since a clock was set back, is not; machines differ by seconds.
    """
    age = timezone.now().timestamp() - request.session.get(_SIGNED_IN_AT, 0.0)
    return bool(-MINUTE <= age <= RECENT_SECONDS)


@receiver(user_logged_in)
def welcome_user(user: User, request: HttpRequest | None = None, **_: Any) -> None:
    """Remember the device, and ask for a password of their own where it is the one printed."""
    if request is None:
        return
    request.signed_in_now = user  # type: ignore[attr-defined]
    note_sign_in(request)
    kept = settings.VAR_DIR / ONE_TIME_FILE
    if hasattr(request, "_messages") and kept.exists() and kept.read_text() == user.password:
        messages.warning(request, CHANGE_IT % "/admin/password_change/")


def find_client_address(request: HttpRequest) -> str | None:
    """The visitor's address for django-axes: behind our proxies, what the outermost one saw."""
    network = rate_limits.find_network(request).partition("/")[0]
    try:
        return str(ipaddress.ip_address(network))
    except ValueError:
        return None


def show_locked(request: HttpRequest, *_unused: object) -> HttpResponse:
    """What django-axes answers to a name that it has locked out from an address."""
    response = render(request, "429.html", {"refusal": LOCKED, "is_sign_in": True}, status=429)
    response["Retry-After"] = str(HOUR)
    add_never_cache_headers(response)
    return response


# The link by mail


class LinkForm(PasswordResetForm):
    """Mails a link to set a new password, a few an hour to each address, to our own host alone."""

    def get_users(self, email: str) -> Iterator[User]:
        if _count_attempt(f"link:{email.casefold()}", HOUR, timezone.now()) <= LINKS_PER_NAME:
            yield from super().get_users(email)

    def save(self, *args: Any, **options: Any) -> None:
        ours = urlsplit(settings.SITE_URL)
        # Whatever host the visitor's request names.
        options |= {"domain_override": ours.netloc, "use_https": ours.scheme == "https"}
        super().save(*args, **options)


class LinkView(PasswordResetView):
    """The page that asks for the address; the answer is the same for everybody."""

    form_class = LinkForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refusal := rate_limits.LINKS.refuse(request, timezone.now()):
            form = self.get_form()
            form.add_error("email", str(refusal))
            return self.form_invalid(form)
        return super().post(request, *args, **kwargs)
