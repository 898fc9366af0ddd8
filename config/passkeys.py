"""Passkeys as a second step of signing in (WebAuthn, https://www.w3.org/TR/webauthn-2/).

What makes them proof against phishing is checked here: that the answer was made for this site's
origin and by a key that belongs to its name, that it answers the question which this session was
asked, once and within minutes, and that the device asked its owner for a PIN, a finger or a face.
A device that counts its answers and starts to count from before is taken for a copy, and refused.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from config.sign_in import NOT_RECENT, is_sign_in_recent
from subscribers.models import MOST_PASSKEYS, Passkey

CHALLENGE_SECONDS = 300
MOST_ANSWER_CHARS = 20_000
ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256: every device knows the first or the last
SIGN_IN, REGISTER = "sign-in", "register"
_KEPT = "passkey_question"
EXPIRED = _("The question to your passkey was too old, or answered before. Press the button again.")
WRONG = _("This passkey is none of yours here, or its answer was not made for this site.")
COPIED = _(
    "This passkey counts from before its last use, as a copy of it would. Sign in with another "
    "way, remove it, and add a new one."
)
TAKEN = _("This passkey is here already.")
TOO_MANY = _("You have %s passkeys, which is the most. Remove one first.")
UNKNOWN_KIND = _("This device makes keys of a kind that is not known here. Take another one.")
logger = logging.getLogger(__name__)
# It would write the numbers of people's keys at each use.
logging.getLogger("fido2").setLevel(logging.WARNING)


class PasskeyError(Exception):
    """A sentence that says why a passkey was not taken."""


def find_origin() -> str:
    """Scheme, host and port of SITE_URL, as a browser names them."""
    parts = urlsplit(settings.SITE_URL)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != usual else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def are_possible() -> bool:
    """Whether browsers make passkeys for SITE_URL: for a name, over TLS or on this machine."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost" or settings.SITE_URL.startswith("https://")
    return False


def list_passkeys(user: Any) -> list[Passkey]:
    return list(Passkey.objects.filter(user=user))


# The question, which a script of ours hands to the browser


@require_POST
def ask_to_sign_in(request: HttpRequest) -> JsonResponse:
    """What the browser asks the passkeys of whoever has signed in with a password."""
    if not request.user.is_authenticated:
        return _answer({"said": _("Sign in first.")}, 403)
    known = [_read_credential(one) for one in list_passkeys(request.user)]
    if not known:
        return _answer({"said": _("You have no passkey.")}, 404)
    options, state = _make_server().authenticate_begin(
        known, user_verification=UserVerificationRequirement.REQUIRED
    )
    return _answer(_keep_question(request, SIGN_IN, options, state))


@require_POST
def ask_to_register(request: HttpRequest) -> JsonResponse:
    """What the browser asks a device of which somebody wants to have a passkey."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_staff:
        return _answer({"said": _("Sign in first.")}, 403)
    if not is_sign_in_recent(request):
        return _answer({"said": NOT_RECENT}, 403)
    known = [_read_credential(one) for one in list_passkeys(user)]
    if len(known) >= MOST_PASSKEYS:
        return _answer({"said": TOO_MANY % MOST_PASSKEYS}, 409)
    # No name in it: the device keeps it, and it says nothing to whoever finds that.
    handle = salted_hmac("config.passkeys", str(user.pk), algorithm="sha256").digest()
    options, state = _make_server().register_begin(
        PublicKeyCredentialUserEntity(
            id=handle, name=user.get_username(), display_name=user.get_username()
        ),
        known,
        # The name is always typed first, so a hardware key need not spend a place on it.
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _answer(_keep_question(request, REGISTER, options, state))


def _answer(said: dict[str, Any], status: int = 200) -> JsonResponse:
    response = JsonResponse(said, status=status)
    add_never_cache_headers(response)
    return response


def _make_server() -> Fido2Server:
    host, origin = urlsplit(settings.SITE_URL).hostname or "", find_origin()
    server = Fido2Server(
        PublicKeyCredentialRpEntity(name=host, id=host),
        attestation=AttestationConveyancePreference.NONE,
        # This origin alone; the library's own rule lets every subdomain in.
        verify_origin=lambda said: said == origin,
    )
    server.timeout = CHALLENGE_SECONDS * 1000  # type: ignore[assignment]
    server.allowed_algorithms = [one for one in server.allowed_algorithms if one.alg in ALGORITHMS]
    return server


def _keep_question(request: HttpRequest, purpose: str, options: Any, state: Any) -> dict[str, Any]:
    request.session[_KEPT] = {
        "purpose": purpose,
        "challenge": state["challenge"],
        "asked_at": timezone.now().timestamp(),
    }
    return dict(options)


def _take_question(request: HttpRequest, purpose: str, now: datetime) -> dict[str, Any]:
    """The question of this session, which is gone then; raises PasskeyError where there is none."""
    kept = request.session.pop(_KEPT, None)
    if not kept or kept["purpose"] != purpose:
        raise PasskeyError(EXPIRED)
    if not 0 <= now.timestamp() - kept["asked_at"] <= CHALLENGE_SECONDS:
        raise PasskeyError(EXPIRED)
    return {
        "challenge": kept["challenge"],
        "user_verification": UserVerificationRequirement.REQUIRED,
    }


# The answer


def check_answer(request: HttpRequest, typed: str, now: datetime) -> Passkey:
    """The passkey of this user that answered, noted as used. Raises PasskeyError."""
    question = _take_question(request, SIGN_IN, now)
    passkeys = list_passkeys(request.user)
    known = [_read_credential(one) for one in passkeys]
    try:
        answer = AuthenticationResponse.from_dict(_read_json(typed))
        _refuse_frames(answer.response.client_data)
        found = _make_server().authenticate_complete(question, known, answer)
        count = int(answer.response.authenticator_data.counter)
    except Exception as error:  # of whatever kind: it is a stranger's CBOR and JSON
        logger.info("A passkey's answer was refused: %s", type(error).__name__)
        raise PasskeyError(WRONG) from error
    passkey = passkeys[known.index(found)]
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        raise PasskeyError(COPIED)
    asked = hashlib.sha256(question["challenge"].encode()).hexdigest()
    # Of two that arrive at once with the same answer one finds it used.
    fresh = Passkey.objects.filter(pk=passkey.pk, sign_count=passkey.sign_count)
    used = {"sign_count": count, "last_challenge": asked, "last_used_at": now}
    if not fresh.exclude(last_challenge=asked).update(**used):
        raise PasskeyError(EXPIRED)
    return passkey


def register_passkey(request: HttpRequest, typed: str, name: str, now: datetime) -> Passkey:
    """The new passkey of this user. Raises PasskeyError."""
    question = _take_question(request, REGISTER, now)
    user: Any = request.user
    if len(list_passkeys(user)) >= MOST_PASSKEYS:
        raise PasskeyError(TOO_MANY % MOST_PASSKEYS)
    try:
        answer = RegistrationResponse.from_dict(_read_json(typed))
        _refuse_frames(answer.response.client_data)
        made = _make_server().register_complete(question, answer)
        held = made.credential_data
        kind = held.public_key[3] if held else None  # RFC 9053: 3 is the algorithm
    except Exception as error:  # of whatever kind: it is a stranger's CBOR and JSON
        logger.info("A new passkey was refused: %s", type(error).__name__)
        raise PasskeyError(WRONG) from error
    if held is None or kind not in ALGORITHMS:
        raise PasskeyError(UNKNOWN_KIND)
    if len(held.credential_id) > 1023:
        raise PasskeyError(WRONG)
    try:
        with transaction.atomic():
            return Passkey.objects.create(  # type: ignore[no-any-return]
                user=user,
                name=_clean_name(name, list_passkeys(user)),
                credential_id=websafe_encode(held.credential_id),
                credential=bytes(held),
                sign_count=made.counter,
                made_at=now,
            )
    except IntegrityError as error:
        raise PasskeyError(TAKEN) from error


def _read_credential(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.credential))


def _read_json(typed: str) -> Any:
    if len(typed) > MOST_ANSWER_CHARS:
        raise ValueError("It is too long for an answer of a passkey.")
    return json.loads(typed)


def _refuse_frames(client_data: Any) -> None:
    if client_data.cross_origin:
        raise ValueError("It was made within a frame of another site.")


def _clean_name(name: str, known: Sequence[Passkey]) -> str:
    """What its owner calls it, on one line; a number where they call it nothing."""
    plain = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(plain.split())[:64].strip() or _("Passkey %s") % (len(known) + 1)
