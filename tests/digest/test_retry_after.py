"""Whatever a server writes into Retry-After, we wait for a time that makes sense."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from digest.retry_after import (
    read_http_date,
    read_rate_limit_reset,
    read_retry_after,
)
from tests.factories import NOW

WEEK = timedelta(days=7)
HTTP_NOW = format_datetime(NOW, usegmt=True)


def read(value: str, **headers: str) -> float | None:
    """Seconds to wait, where the server's clock and ours agree that it is NOW."""
    wait = read_retry_after({"Retry-After": value, **headers}, NOW, WEEK)
    return None if wait is None else wait.total_seconds()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        ("  30 ", 30),
        ("\t7\r\n", 7),
        ("007", 7),
        ("604800", WEEK.total_seconds()),
        ("604801", WEEK.total_seconds()),
        ("9" * 40, WEEK.total_seconds()),
    ],
)
def test_seconds_are_read_and_capped(value: str, seconds: float) -> None:
    assert read(value) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("Wed, 22 Apr 2026 12:01:30 GMT", 90),
        ("wed, 22 apr 2026 12:01:30 gmt", 90),
        (" Wed, 22 Apr 2026 12:01:30 GMT ", 90),
        ("Wed, 22 Apr 2026 14:01:30 +0200", 90),
        ("Wed, 22 Apr 2026 12:01:30 -0000", 90),
        ("Wednesday, 22-Apr-26 12:01:30 GMT", 90),  # RFC 850's
        ("Wed Apr 22 12:01:30 2026", 90),  # C's asctime
        ("Wed, 22 Apr 2026 12:00:00 GMT", 0),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 0),
        ("Sun, 01 Jan 2062 00:00:00 GMT", WEEK.total_seconds()),
    ],
)
def test_a_date_is_read_in_each_of_its_formats_and_capped(value: str, seconds: float) -> None:
    assert read(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "soon",
        "-5",
        "+5",
        "1.5",
        "1e3",
        "nan",
        "²",
        "٣",
        "30s",
        "30, 60",
        "Wed, 99 Apr 2026",
    ],
)
def test_what_makes_no_sense_is_none(value: str) -> None:
    assert read(value) is None


def test_a_date_is_of_the_servers_clock_and_of_ours_only_where_it_has_none() -> None:
    until = format_datetime(NOW + timedelta(hours=2), usegmt=True)
    an_hour_ahead = format_datetime(NOW + timedelta(hours=1), usegmt=True)
    assert read(until, Date=an_hour_ahead) == 3600
    assert read(until, Date="yesterday-ish") == 7200
    assert read(until) == 7200


@pytest.mark.parametrize("name", ["Retry-After", "retry-after", "RETRY-AFTER"])
def test_the_header_is_found_however_it_is_written(name: str) -> None:
    assert read_retry_after({name: "30"}, NOW, WEEK) == timedelta(seconds=30)
    assert read_retry_after({}, NOW, WEEK) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ('"api";r=0;t=123', 123),
        ('"pages";r=0;t=9999999', WEEK.total_seconds()),
        ('"api";r=4;t=123', None),
        ('"api";r=0', None),
        ("", None),
    ],
)
def test_a_used_up_quota_says_when_it_is_renewed(value: str, seconds: float | None) -> None:
    wait = read_rate_limit_reset({"ratelimit": value}, WEEK)
    assert (wait and wait.total_seconds()) == seconds


def test_every_date_is_aware() -> None:
    assert read_http_date(HTTP_NOW) == read_http_date("Wed Apr 22 12:00:00 2026") == NOW
