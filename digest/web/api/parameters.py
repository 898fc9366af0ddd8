"""The API's parameters: each is read here, and a bad one is refused with a sentence."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_datetime

from digest.web.api.http import Refused
from digest.web.periods import Period, PeriodKind, parse_period

DEFAULT_LIMIT, MOST_LIMIT = 25, 100
VALUE_CHARS = 500


def allow_only(request: HttpRequest, names: Collection[str]) -> None:
    """Refuse a parameter that means nothing here: a misspelled filter must not go unnoticed."""
    for name in request.GET:
        if name not in names:
            known = ", ".join(sorted(names)) or "no parameter at all"
            raise Refused(f"There is no parameter “{name[:60]}” here. You can use: {known}.")
        if len(request.GET[name]) > VALUE_CHARS:
            raise Refused(f"The value of “{name}” is longer than {VALUE_CHARS} letters.")


def read_limit(request: HttpRequest) -> int:
    """How many rows are asked for; Refused where that is no number from 1 to MOST_LIMIT."""
    value = request.GET.get("limit", f"{DEFAULT_LIMIT}")
    is_short_number = value.isascii() and value.isdecimal() and len(value) < 10
    if not (is_short_number and 1 <= int(value) <= MOST_LIMIT):
        raise Refused(f"limit is a whole number from 1 to {MOST_LIMIT}.")
    return int(value)


def read_choice(request: HttpRequest, name: str, choices: Collection[str], otherwise: str) -> str:
    """The parameter, or `otherwise` where it is missing; Refused for none of the choices."""
    value = request.GET.get(name, otherwise)
    if value not in choices:
        raise Refused(f"{name} is one of: {', '.join(choices)}.")
    return value


def read_period(request: HttpRequest, name: str) -> Period | None:
    """The period that is named; None where the parameter is missing, Refused where it is none."""
    value = request.GET.get(name)
    if value is None:
        return None
    try:
        period = parse_period(value)
    except ValueError as error:
        raise _refuse_period(name) from error
    if period.name != value or period.last == date.max:
        raise _refuse_period(name)
    return period


def _refuse_period(name: str) -> Refused:
    return Refused(
        f"{name} is a day such as 2026-04-23, a week such as 2026-W17 or a month such as 2026-04."
    )


def read_day(name: str) -> Period:
    """The day of an address; Http404 for one that is no day."""
    with suppress(ValueError):
        period = parse_period(name)
        if period.kind is PeriodKind.DAY and period.name == name and period.last < date.max:
            return period
    raise Http404("There is no such day: write it as 2026-04-23.")


def read_moment(request: HttpRequest, name: str) -> datetime | None:
    """An ISO 8601 moment; without a zone it is UTC, and a bare date is its midnight."""
    value = request.GET.get(name)
    if value is None:
        return None
    try:
        moment = parse_datetime(value) or datetime.combine(date.fromisoformat(value), time())
        return to_utc(moment)
    except (ValueError, OverflowError) as error:
        example = "2026-04-23 or 2026-04-23T08:00:00Z"
        raise Refused(f"{name} is a date or a moment, such as {example}.") from error


def to_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; one without a zone is taken to be in it.

    Raises OverflowError where that is before the first year there is.
    """
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def write_cursor(*values: Any) -> str:
    """Return where the next page begins as a cursor, which clients only hand back."""
    return urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def read_cursor(request: HttpRequest, *kinds: type) -> list[Any] | None:
    """Return what a cursor of ours holds, if one came; `kinds` are the types it must have."""
    value = request.GET.get("cursor")
    if value is None:
        return None
    try:
        values = json.loads(urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except ValueError as error:  # not base64, not UTF-8, not JSON
        raise refuse_cursor() from error
    is_ours = isinstance(values, list) and [type(part) for part in values] == list(kinds)
    if not is_ours or any(type(part) is int and abs(part) >= 2**63 for part in values):
        raise refuse_cursor()
    return list(values)


def make_next_url(request: HttpRequest, cursor: str) -> str:
    """Return the address of the next page: the same parameters with this cursor."""
    query = {**{name: request.GET[name] for name in request.GET}, "cursor": cursor}
    return f"{settings.SITE_URL}{request.path}?{urlencode(query)}"


def refuse_cursor() -> Refused:
    return Refused("This cursor is not one of ours: follow the address in “next” as it is.")
