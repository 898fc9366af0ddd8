"""What a program may ask for: every parameter is read here, and a bad one gets a sentence."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_datetime

from digest.web.api.http import Refused
from digest.web.periods import Kind, Span, read_span

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


def limit_of(request: HttpRequest) -> int:
    asked = request.GET.get("limit", f"{DEFAULT_LIMIT}")
    if not (asked.isascii() and asked.isdecimal() and 1 <= int(asked[:9]) <= MOST_LIMIT):
        raise Refused(f"limit is a whole number from 1 to {MOST_LIMIT}.")
    return int(asked)


def choice_of(request: HttpRequest, name: str, choices: Collection[str], otherwise: str) -> str:
    asked = request.GET.get(name, otherwise)
    if asked not in choices:
        raise Refused(f"{name} is one of: {', '.join(choices)}.")
    return asked


def span_of(request: HttpRequest, name: str) -> Span | None:
    asked = request.GET.get(name)
    if asked is None:
        return None
    try:
        span = read_span(asked)
    except ValueError as error:
        raise _no_span(name) from error
    if span.name != asked or span.last == date.max:
        raise _no_span(name)
    return span


def _no_span(name: str) -> Refused:
    return Refused(
        f"{name} is a day such as 2026-04-23, a week such as 2026-W17 or a month such as 2026-04."
    )


def read_day(name: str) -> Span:
    """The day of an address; Http404 for one that is no day."""
    with suppress(ValueError):
        span = read_span(name)
        if span.kind is Kind.DAY and span.name == name and span.last < date.max:
            return span
    raise Http404("There is no such day: write it as 2026-04-23.")


def moment_of(request: HttpRequest, name: str) -> datetime | None:
    """An ISO 8601 moment; without a zone it is UTC, and a bare date is its midnight."""
    asked = request.GET.get(name)
    if asked is None:
        return None
    try:
        moment = parse_datetime(asked) or datetime.combine(date.fromisoformat(asked), time())
        return in_utc(moment)
    except (ValueError, OverflowError) as error:
        example = "2026-04-23 or 2026-04-23T08:00:00Z"
        raise Refused(f"{name} is a date or a moment, such as {example}.") from error


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC, as which one without a zone is taken; OverflowError before all years."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def write_cursor(*place: Any) -> str:
    """Where the next page begins, as a text that means nothing to others."""
    return urlsafe_b64encode(json.dumps(place, default=str).encode()).decode().rstrip("=")


def read_cursor(request: HttpRequest, *kinds: type) -> list[Any] | None:
    """The place in a cursor of ours, if one came; `kinds` are the types it must hold."""
    asked = request.GET.get("cursor")
    if asked is None:
        return None
    try:
        place = json.loads(urlsafe_b64decode(asked + "=" * (-len(asked) % 4)))
    except ValueError as error:  # not base64, not UTF-8, not JSON
        raise no_cursor() from error
    is_ours = isinstance(place, list) and [type(part) for part in place] == list(kinds)
    if not is_ours or any(type(part) is int and abs(part) >= 2**63 for part in place):
        raise no_cursor()
    return list(place)


def no_cursor() -> Refused:
    return Refused("This cursor is not one of ours: follow the address in “next” as it is.")
