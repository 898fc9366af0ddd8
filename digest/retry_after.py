"""How long a server asks us to wait: Retry-After, as sources and email providers send it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MOST_DIGITS = 12  # more of them are years in any unit, and would overflow a timedelta


def read_retry_after(
    headers: Mapping[str, str], now: datetime, longest: timedelta
) -> timedelta | None:
    """How long to wait, between zero and `longest`; None where the header is missing or nonsense.

    It holds seconds or a date (RFC 9110, section 10.2.3,
    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3). A date is of the server's clock, so it
    is compared with the answer's own Date; with `now`, our clock, where there is none.
    """
    value = _find_header(headers, "retry-after")
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:_MOST_DIGITS])), longest)
    until = read_http_date(value)
    if until is None:
        return None
    answered_at = read_http_date(_find_header(headers, "date")) or now
    return min(max(until - answered_at, timedelta(0)), longest)


def read_rate_limit_reset(headers: Mapping[str, str], longest: timedelta) -> timedelta | None:
    """How long until a used-up quota is renewed, at most `longest`; None where some is left.

    Hugging Face says so in `RateLimit: "api";r=0;t=123`: r requests are left, for t seconds
    (https://huggingface.co/docs/hub/rate-limits).
    """
    limit = _find_header(headers, "ratelimit")
    if not re.search(r"\br=0\b", limit):
        return None
    reset = re.search(r"\bt=(\d{1,9})\b", limit)
    return min(timedelta(seconds=int(reset[1])), longest) if reset else None


def read_http_date(value: str) -> datetime | None:
    """A date as HTTP writes it, aware; None for anything else.

    All three formats of RFC 9110, section 5.6.7, mean UTC, also that of C's asctime, which names
    no zone.
    """
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _find_header(headers: Mapping[str, str], name: str) -> str:
    """The header's value, however its name is written; "" where there is none."""
    values = (str(value) for key, value in headers.items() if key.lower() == name)
    return next(values, "").strip()
