"""The second step of signing in: a code of an authenticator app, or a recovery code.

Staff set it up for themselves; where STAFF_SECOND_STEP is `required` nobody does anything before.
Until it is done a session is worth nothing, wherever on the site it is shown. What a code is, and
that no code is taken twice, is django-otp's to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as note_second_step
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 10
SET_UP_SECONDS = 3600  # how long a key waits on the page for its first code
_KEY_BYTES = 20  # as RFC 4226 recommends
_SALT = "config.second-step"
_ADMIN = "/admin/"
WRONG = (
    "This is not the code of this moment. Wait for the next one, and look whether the clock of "
    "your phone is right."
)
WRONG_RECOVERY = "This is none of your recovery codes that are left."
TOO_MANY = "A code before this one was wrong. Try again in %s seconds."


class SecondStepMiddleware:
    """Whoever has not done the second step is led there, and is nobody anywhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and (page := find_missing_step(request.user)):
            if not request.path_info.startswith(_ADMIN):
                request.user = AnonymousUser()
            elif request.path_info not in (page, reverse("admin:logout")):
                return redirect(f"{page}?{_keep_next(request)}")
        return self._get_response(request)


def find_missing_step(user: Any) -> str:
    """The page on which this user has something to do before all others; "" where nothing is."""
    if not user.is_authenticated or user.is_verified():
        return ""
    if has_second_step(user):
        return reverse("second_step")
    is_needed = settings.STAFF_SECOND_STEP == "required" and user.is_staff
    return reverse("second_step_set_up") if is_needed else ""


def has_second_step(user: Any) -> bool:
    return bool(TOTPDevice.objects.devices_for_user(user, confirmed=True).exists())


def end_second_step(user: User) -> bool:
    """Take the second step away, with its recovery codes; False where there was none."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        return bool(TOTPDevice.objects.filter(user=user).delete()[0])


@sensitive_post_parameters()
def ask_second_step(request: HttpRequest) -> HttpResponse:
    """The page that asks for the code."""
    user: Any = request.user
    problem = ""
    if not user.is_authenticated:
        return redirect_to_login(_ADMIN, reverse("admin:login"))
    if user.is_verified() or not has_second_step(user):
        return redirect(_read_next(request))
    if request.method == "POST":
        device, problem = _check_code(user, request.POST.get("code", ""))
        if device:
            request.session.cycle_key()
            note_second_step(request, device)
            if isinstance(device, StaticDevice):
                left = device.token_set.count()
                messages.warning(request, f"You used a recovery code; {left} are left.")
            return redirect(_read_next(request))
    return _render_page(request, "second_step", {"problem": problem, "title": "The second step"})


def _check_code(user: Any, typed: str) -> tuple[Any, str]:
    """The device whose code this is, else what is wrong with it."""
    code = "".join(typed.split()).lower()
    if not code.isalnum():  # of no device; a NUL is nothing that can be looked for either
        return None, WRONG
    is_of_app = code.isdecimal() and len(code) < 8  # a recovery code has eight characters
    model = TOTPDevice if is_of_app else StaticDevice
    for device in model.objects.devices_for_user(user, confirmed=True):
        is_allowed, why = device.verify_is_allowed()
        if not is_allowed:
            seconds = (why["locked_until"] - timezone.now()).total_seconds()
            return None, TOO_MANY % max(1, math.ceil(seconds))
        if found := verify_token(user, device.persistent_id, code):
            return found, ""
    return None, WRONG if is_of_app else WRONG_RECOVERY


@sensitive_post_parameters()
def set_up_second_step(request: HttpRequest) -> HttpResponse:
    """The page on which staff begin with it, get new recovery codes, or end it."""
    user: Any = request.user
    problem = ""
    if not user.is_authenticated or not user.is_staff:
        return redirect_to_login(request.path, reverse("admin:login"))
    if request.method == "POST":
        if "end" in request.POST and settings.STAFF_SECOND_STEP != "required":
            end_second_step(user)
            messages.success(request, "Your second step is ended.")
            return redirect(_ADMIN)
        if "codes" in request.POST and user.is_verified():
            return _show_codes(request, _make_recovery_codes(user))
        key = _read_key(request)
        if key and (device := _begin_second_step(user, key, request.POST.get("code", ""))):
            note_second_step(request, device)
            return _show_codes(request, _make_recovery_codes(user))
        problem = WRONG
    key = _read_key(request) or token_hex(_KEY_BYTES)
    device = TOTPDevice(user=user, key=key)
    address = device.config_url
    context = {
        "title": "A second step for signing in",
        "problem": problem,
        "is_set_up": has_second_step(user),
        "is_required": settings.STAFF_SECOND_STEP == "required",
        "key": signing.dumps([user.pk, key], salt=_SALT),
        "secret": address.partition("secret=")[2].partition("&")[0],
        "code": mark_safe(draw_code(address)),  # segno's own drawing
    }
    return _render_page(request, "second_step_set_up", context)


def draw_code(address: str) -> str:
    """A QR code as inline SVG, dark on light whatever the page's colours: some apps need that."""
    drawing: str = segno.make(address, error="m").svg_inline(
        scale=4, border=3, dark="#171614", light="#ffffff", title="QR code for your app"
    )
    return drawing


def _read_key(request: HttpRequest) -> str:
    """The key that the page showed this user within the last hour; "" for any other."""
    try:
        owner, key = signing.loads(request.POST["key"], salt=_SALT, max_age=SET_UP_SECONDS)
    except (KeyError, signing.BadSignature):
        return ""
    return str(key) if owner == request.user.pk else ""


def _begin_second_step(user: Any, key: str, typed: str) -> TOTPDevice | None:
    """Where the app shows the right code its key takes the place of any before."""
    with transaction.atomic():
        end_second_step(user)
        device = TOTPDevice.objects.create(user=user, name="app", key=key)
        if device.verify_token("".join(typed.split())):
            return device
        transaction.set_rollback(True)
    return None


def _make_recovery_codes(user: Any) -> list[str]:
    """New ones, each for one use; those before are worth nothing any more."""
    with transaction.atomic():
        # The same device: whoever signed in with a code of it stays signed in.
        device, _ = StaticDevice.objects.get_or_create(user=user, name="recovery codes")
        device.token_set.all().delete()
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        device.token_set.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"title": "Your recovery codes", "codes": codes}
    return _render_page(request, "second_step_codes", context)


def _render_page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    context = admin.site.each_context(request) | context | {"next": _read_next(request)}
    response = render(request, f"admin/{name}.html", context)
    add_never_cache_headers(response)
    return response


def _keep_next(request: HttpRequest) -> str:
    wanted = request.get_full_path() if request.method == "GET" else _ADMIN
    return urlencode({"next": wanted})


def _read_next(request: HttpRequest) -> str:
    """Where to go on: within the admin, whatever the address says."""
    wanted = request.POST.get("next") or request.GET.get("next") or _ADMIN
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith(_ADMIN) else _ADMIN
