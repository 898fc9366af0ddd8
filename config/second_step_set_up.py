"""The page on which staff set their second step up, change it, and end it."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, logout
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import passkeys
from config.passkeys import PasskeyError
from config.second_step import (
    WRONG,
    has_app,
    has_second_step,
    open_session,
    render_step,
)
from config.sign_in import NOT_RECENT, is_sign_in_recent
from subscribers.models import Passkey, end_second_step

RECOVERY_CODES = 10
SET_UP_SECONDS = 3600  # how long a key waits on the page for its first code
_KEY_BYTES = 20  # as RFC 4226 recommends
_SALT = "config.second-step"
_ADMIN = "/admin/"
LAST_ONE = gettext_lazy(
    "Everybody here needs a second step, and this is your only one. Add another one first."
)

GONE = gettext_lazy("You have no such second step: it may be removed already.")


@sensitive_post_parameters()
def set_up_second_step(request: HttpRequest) -> HttpResponse:
    """The page on which staff begin with it, get new recovery codes, or end it."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_staff:
        return redirect_to_login(request.path, reverse("admin:login"))
    problems = dict[str, str]()
    if request.method == "POST":
        done, problems = _change_second_step(request, timezone.now())
        if done:
            return done
    key = _read_key(request) or token_hex(_KEY_BYTES)
    device = TOTPDevice(user=user, key=key)
    address = device.config_url
    context = {
        "title": _("A second step for signing in"),
        "problem": problems.get("code", ""),
        "passkey_problem": problems.get("passkey", ""),
        "late": problems.get("late", ""),
        "passkeys": passkeys.list_passkeys(user),
        "may_have_passkeys": passkeys.are_possible(),
        "origin": passkeys.find_origin(),
        "has_app": has_app(user),
        "is_set_up": has_second_step(user),
        "is_recent": is_sign_in_recent(request),
        "is_required": settings.STAFF_SECOND_STEP == "required",
        "key": signing.dumps([user.pk, key], salt=_SALT),
        "secret": address.partition("secret=")[2].partition("&")[0],
        "code": mark_safe(draw_code(address)),  # segno's own drawing
    }
    return render_step(request, "second_step_set_up", context)


def _change_second_step(
    request: HttpRequest, now: datetime
) -> tuple[HttpResponse | None, dict[str, str]]:
    """What the button that was pressed does: the answer, or what is wrong and with what."""
    user: Any = request.user
    if not is_sign_in_recent(request):
        if "again" not in request.POST:
            return None, {"late": str(NOT_RECENT)}
        logout(request)
        return redirect_to_login(request.path, reverse("admin:login")), {}
    if "end" in request.POST and settings.STAFF_SECOND_STEP != "required":
        end_second_step(user)
        messages.success(request, _("Your second step is ended."))
        return redirect(_ADMIN), {}
    if "remove" in request.POST:
        return _remove_way(request, request.POST["remove"])
    if "codes" in request.POST and user.is_verified():
        return _show_codes(request, _make_recovery_codes(user)), {}
    if "answer" in request.POST:
        return _add_passkey(request, now)
    key = _read_key(request)
    if key and (device := _begin_second_step(user, key, request.POST.get("code", ""))):
        open_session(request, device)
        return _show_codes(request, _make_recovery_codes(user)), {}
    return None, {"code": str(WRONG)}


def _add_passkey(request: HttpRequest, now: datetime) -> tuple[HttpResponse | None, dict[str, str]]:
    """Recovery codes are shown with the first way to do the second step, and stay with others."""
    answer, name = request.POST["answer"], request.POST.get("name", "")
    try:
        passkey = passkeys.register_passkey(request, answer, name, now)
    except PasskeyError as error:
        return None, {"passkey": str(error)}
    open_session(request, passkey)
    if not StaticDevice.objects.filter(user=passkey.user).exists():
        return _show_codes(request, _make_recovery_codes(passkey.user)), {}
    messages.success(request, _("“%(name)s” gets you in from now on.") % {"name": passkey})
    return redirect("second_step_set_up"), {}


def _remove_way(request: HttpRequest, which: str) -> tuple[HttpResponse | None, dict[str, str]]:
    """Take a passkey by its number, or the app, away; with the last of them all of it ends."""
    user: Any = request.user
    keys, apps = Passkey.objects.filter(user=user), TOTPDevice.objects.filter(user=user)
    named = [one.pk for one in keys if str(one.pk) == which]
    gone = apps if which == "app" else keys.filter(pk__in=named)
    with transaction.atomic():
        # One after the other: two tabs could take the last two ways away at once.
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if not gone.exists():
            return None, {"passkey": str(GONE)}
        left = keys.count() + apps.count() - gone.count()
        if not left and settings.STAFF_SECOND_STEP == "required":
            return None, {"passkey": str(LAST_ONE)}
        gone.delete()
        if not left:
            end_second_step(user)
    messages.success(request, _("It is removed.") if left else _("Your second step is ended."))
    return redirect("second_step_set_up"), {}


def draw_code(address: str) -> str:
    """A QR code as inline SVG, dark on light whatever the page's colours: some apps need that."""
    drawing: str = segno.make(address, error="m").svg_inline(
        scale=4, border=3, dark="#171614", light="#ffffff", title=_("QR code for your app")
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
        TOTPDevice.objects.filter(user=user).delete()
        device = TOTPDevice.objects.create(user=user, name="app", key=key)
        if device.verify_token("".join(typed.split())):
            return device
        transaction.set_rollback(True)
    return None


def _make_recovery_codes(user: Any) -> list[str]:
    """New ones, each for one use; those before are worth nothing any more."""
    with transaction.atomic():
        # The same device: whoever signed in with a code of it stays signed in.
        device, _made = StaticDevice.objects.get_or_create(user=user, name="recovery codes")
        device.token_set.all().delete()
        codes = [StaticToken.random_token() for _unused in range(RECOVERY_CODES)]
        device.token_set.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"title": _("Your recovery codes"), "codes": codes}
    return render_step(request, "second_step_codes", context)
