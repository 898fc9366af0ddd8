"""The second step of signing in: a passkey, a code of an authenticator app, or a recovery code.

Staff set it up for themselves (config/second_step_set_up.py); where STAFF_SECOND_STEP is
`required` nobody does anything before. Until it is done a session is worth nothing, wherever on the
site it is shown. What a code is, and that no code is taken twice, is django-otp's to say; what a
passkey's answer is, config/passkeys.py. After a wrong code there is a pause, twice as long each
time. Whoever knows the password could slow its owner down with it, so it holds neither for passkeys
nor on a device on which they did the second step before: that one has tries of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as note_second_step
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import passkeys, sign_in
from config.passkeys import PasskeyError
from subscribers.models import Passkey

_ADMIN = "/admin/"
WRONG = gettext_lazy(
    "This is not the code of this moment. Wait for the next one, and look whether the clock of "
    "your phone is right."
)
WRONG_RECOVERY = gettext_lazy("This is none of your recovery codes that are left.")
TOO_MANY = gettext_lazy("A code before this one was wrong. Try again in %s seconds.")


class SecondStepMiddleware:
    """Whoever has not done the second step is led there, and is nobody anywhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and (page := find_missing_step(request.user)):
            if not request.path_info.startswith(_ADMIN):
                request.user = AnonymousUser()
            elif request.path_info not in (page, f"{page}question/", reverse("admin:logout")):
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
    return has_app(user) or Passkey.objects.filter(user=user).exists()


def has_app(user: Any) -> bool:
    return bool(TOTPDevice.objects.devices_for_user(user, confirmed=True).exists())


@sensitive_post_parameters()
def ask_second_step(request: HttpRequest) -> HttpResponse:
    """The page that asks for the passkey or the code."""
    user: Any = request.user
    problem = ""
    if not user.is_authenticated:
        return redirect_to_login(_ADMIN, reverse("admin:login"))
    if user.is_verified() or not has_second_step(user):
        return redirect(_read_next(request))
    if request.method == "POST":
        device, problem = _check_step(request, timezone.now())
        if device:
            open_session(request, device)
            if isinstance(device, StaticDevice):
                left = device.token_set.count()
                messages.warning(
                    request,
                    ngettext(
                        "You used a recovery code; %(left)s is left.",
                        "You used a recovery code; %(left)s are left.",
                        left,
                    )
                    % {"left": left},
                )
            return redirect(_read_next(request))
    context = {
        "problem": problem,
        "title": _("The second step"),
        "has_passkey": Passkey.objects.filter(user=user).exists(),
        "has_app": has_app(user),
        "origin": passkeys.find_origin(),
    }
    return render_step(request, "second_step", context)


def open_session(request: HttpRequest, device: Any) -> None:
    """From here on this session is whose it says, and so is the device."""
    request.session.cycle_key()
    note_second_step(request, device)
    sign_in.note_step(request)
    sign_in.note_sign_in(request)


def _check_step(request: HttpRequest, now: datetime) -> tuple[Any, str]:
    """What the second step was done with, else what is wrong."""
    if "answer" not in request.POST:
        return _check_code(request, request.POST.get("code", ""), now)
    try:
        return passkeys.check_answer(request, request.POST["answer"], now), ""
    except PasskeyError as error:
        return None, str(error)


def _check_code(request: HttpRequest, typed: str, now: datetime) -> tuple[Any, str]:
    """The device whose code this is, else what is wrong with it."""
    code = "".join(typed.split()).lower()
    if not code.isalnum():  # of no device; a NUL is nothing that can be looked for either
        return None, str(WRONG)
    is_of_app = code.isdecimal() and len(code) < 8  # a recovery code has eight characters
    model = TOTPDevice if is_of_app else StaticDevice
    is_spared = sign_in.may_try_code(request, now)
    with transaction.atomic():
        for device in model.objects.devices_for_user(request.user, True).select_for_update():
            is_allowed, why = device.verify_is_allowed()
            if not is_allowed and not is_spared:
                seconds = (why["locked_until"] - now).total_seconds()
                return None, TOO_MANY % max(1, math.ceil(seconds))
            if _takes_code(device, code, is_spared):
                return device, ""
    return None, str(WRONG if is_of_app else WRONG_RECOVERY)


def _takes_code(device: Any, code: str, is_spared: bool) -> bool:
    """Whether this is a code of the device; a wrong one of a spared visitor leaves no pause."""
    kept = device.throttling_failure_count, device.throttling_failure_timestamp
    if is_spared:
        device.throttling_failure_count, device.throttling_failure_timestamp = 0, None
    is_right = bool(device.verify_token(code))
    if is_spared and not is_right:
        device.throttling_failure_count, device.throttling_failure_timestamp = kept
        device.save()
    return is_right


def render_step(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
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
