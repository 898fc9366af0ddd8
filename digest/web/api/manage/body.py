"""What a request's body says: one JSON object, with the fields that an operation knows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from digest.web.api.http import Refused
from digest.web.api.manage.http import Unfit

TEXT, NUMBER, TEXTS, SWITCH = "a text", "a whole number", "a list of texts", "true or false"
_MOST_NUMBER = 10**9
# What no database or mail takes: NUL and halves of characters.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def read_body(request: HttpRequest, kinds: Mapping[str, str]) -> dict[str, Any]:
    """The fields that came, each of the kind it must have; no body at all is an empty one.

    Raises Refused for what is no object in JSON, and Unfit for a field that is unknown or of
    another kind: a misspelled one must not go unnoticed.
    """
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refused("The body cannot be read: send one object in JSON.") from error
    if not isinstance(body, dict):
        raise Refused("The body is no object: send JSON such as {“name”: “value”}.")
    errors = {}
    for name, value in body.items():
        if name not in kinds:
            known = ", ".join(sorted(kinds)) or "no field at all"
            errors[_tidy(name)] = [
                f"There is no field “{_tidy(name)}” here. You can send: {known}."
            ]
        elif not _is_of_kind(value, kinds[name]):
            errors[name] = [f"{name} is {kinds[name]}."]
    if errors:
        raise Unfit(errors)
    return body


def require(body: Mapping[str, Any], *names: str) -> None:
    """Raise Unfit where a field is missing."""
    if missing := [name for name in names if name not in body]:
        raise Unfit({name: [f"{name} is missing."] for name in missing})


def _tidy(name: str) -> str:
    return _UNWRITABLE.sub("", name)[:60]


def _is_of_kind(value: Any, kind: str) -> bool:
    if kind == SWITCH:
        return isinstance(value, bool)
    if kind == NUMBER:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return is_number and abs(value) <= _MOST_NUMBER
    if kind == TEXTS:
        return isinstance(value, list) and all(_is_of_kind(one, TEXT) for one in value)
    return isinstance(value, str) and not _UNWRITABLE.search(value)


def refuse_conflict(detail: str) -> Refused:
    """For what is asked rightly and cannot be done as things stand."""
    return Refused(detail, HTTPStatus.CONFLICT)
