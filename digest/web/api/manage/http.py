"""HTTP of the management API: who asks, whether they may, and refusals in JSON.

A token goes with each request as RFC 6750 has it. No cookie counts here, so that no other site can
make a browser act, and no answer may be kept or read by another site's script.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from digest.models import ManagementToken
from digest.models.management_tokens import SCOPES, hash_secret
from digest.web.api.http import Refused, View, make_problem
from subscribers.limits import rate_limits

_BEARER = re.compile(r"bearer +(?P<secret>[\x21-\x7e]{1,200}) *", re.IGNORECASE)
_NO_TOKEN = (
    "Send the token of an operator: the header Authorization: Bearer offprint_…. Tokens are made "
    "in the admin, under Staff."
)
_UNKNOWN_TOKEN = "This token is not known: it was ended, it has expired, or its owner left."


class Unfit(Exception):
    """A body that cannot be used; `errors` has the sentences by the name of their field."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(" ".join(said for sentences in errors.values() for said in sentences))
        self.errors = errors


@dataclass(frozen=True)
class Operation:
    """What a method does, the scope that a token needs for it, and its owner's permission.

    Without a permission of its own it needs the scope's; without a scope any token will do.
    """

    scope: str
    perform: Callable[..., HttpResponse]
    permission: str = ""

    def explain_refusal(self, token: ManagementToken) -> str:
        """Why this token may not do it; "" where it may."""
        if not self.scope:
            return ""
        scope = SCOPES[self.scope]
        if self.scope not in token.scopes:
            return f"This token lacks the scope {self.scope} ({scope.said.lower()})."
        permission = self.permission or scope.permission
        if not token.owner.has_perm(permission):
            return f"Its owner, {token.owner}, lacks the permission {permission}."
        return ""


def manage_view(**operations: Operation) -> View:
    """A view that performs one operation for each method: `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.

    What it raises as Refused, Unfit or Http404 becomes a response in JSON.
    """

    @csrf_exempt  # a token is asked for, and no cookie counts
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _respond_or_refuse(operations, request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        del response["Access-Control-Allow-Origin"]
        return response

    return respond


def _respond_or_refuse(
    operations: dict[str, Operation], request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponse:
    token = _find_token(request)
    if not isinstance(token, ManagementToken):
        return token
    now = timezone.now()
    if refusal := rate_limits.MANAGEMENT.refuse_asker(f"token-{token.pk}", now):
        return _make_wait(refusal)
    token.note_use(now)
    method = "GET" if request.method == "HEAD" else str(request.method)
    operation = operations.get(method)
    if operation is None:
        known = ", ".join(operations)
        response = make_problem(f"This address can be asked with {known or 'no method'}.", 405)
        response["Allow"] = known
        return response
    if refused := operation.explain_refusal(token):
        return make_problem(refused, HTTPStatus.FORBIDDEN)
    request.user = token.owner
    request.management_token = token  # type: ignore[attr-defined]
    try:
        return operation.perform(request, *args, **kwargs)
    except Unfit as unfit:
        return make_problem(str(unfit), HTTPStatus.UNPROCESSABLE_ENTITY, unfit.errors)
    except Refused as why:
        return make_problem(str(why), why.status)
    except Http404 as missing:
        return make_problem(str(missing), HTTPStatus.NOT_FOUND)


def _find_token(request: HttpRequest) -> ManagementToken | HttpResponse:
    """The token of a request, or why there is none."""
    told = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if told:
        valid = ManagementToken.objects.valid(timezone.now()).select_related("owner")
        token = valid.filter(secret_hash=hash_secret(told["secret"])).first()
        if token:
            return token
    # Counted only now: nobody's wrong tokens keep out whoever has a right one.
    if refusal := rate_limits.WRONG_TOKENS.refuse(request, timezone.now()):
        return _make_wait(refusal)
    response = make_problem(_UNKNOWN_TOKEN if told else _NO_TOKEN, HTTPStatus.UNAUTHORIZED)
    response["WWW-Authenticate"] = 'Bearer realm="Offprint"'
    return response


def _make_wait(refusal: rate_limits.Refusal) -> HttpResponse:
    response = make_problem(str(refusal), HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(refusal.seconds)
    return response


def say(body: Any, status: int = HTTPStatus.OK) -> HttpResponse:
    """An answer in JSON; the address of the next page also as a Link header (RFC 8288)."""
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    if body.get("next"):
        response["Link"] = f'<{body["next"]}>; rel="next"'
    return response


def check_form(form: BaseForm, names: dict[str, str] | None = None) -> None:
    """Raise Unfit with a form's sentences, by the API's `names` of its fields."""
    if form.is_valid():
        return
    errors = {
        (names or {}).get(name, name).replace("__all__", "body"): [str(one) for one in sentences]
        for name, sentences in form.errors.items()
    }
    raise Unfit(errors)


def make_unfit(error: ValidationError) -> Unfit:
    """The same for what a model refuses."""
    said: dict[str, list[str]] = getattr(error, "message_dict", {"body": error.messages})
    return Unfit({name.replace("__all__", "body"): sentences for name, sentences in said.items()})
