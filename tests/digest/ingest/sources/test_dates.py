"""Dates read whole and right, or not at all."""

from __future__ import annotations

import pytest

from digest.ingest.sources.dates import read_date_text, read_seconds


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Wed, 22 Apr 2026 06:00:00 +0000", "2026-04-22 06:00"),
        ("2026-04-22T06:00:00.123Z", "2026-04-22 06:00"),
        ("2026-04-22 06:00:00 +0800", "2026-04-21 22:00"),
        ("2026-04-22 06:00:00 +0000 UTC", "2026-04-22 06:00"),
        ("Wed, 22 Apr 2026 06:00:00 -0400 (EDT)", "2026-04-22 10:00"),
        ("2026-04-22T06:00:00+00:00Z", "2026-04-22 06:00"),
        ("2026/09/06", "2026-09-06 00:00"),
        ("2026.09.06", "2026-09-06 00:00"),
        ("20260906", "2026-09-06 00:00"),
        ("25-09-2026", "2026-09-25 00:00"),
        ("6.9.2026", "2026-09-06 00:00"),
        ("2026年9月6日", "2026-09-06 00:00"),
        ("2026年9月6日 星期日 12:30", "2026-09-06 12:30"),
        ("日期：2026-09-06", "2026-09-06 00:00"),
        ("令和8年9月6日", "2026-09-06 00:00"),
        ("6 сентября 2026", "2026-09-06 00:00"),
        ("Вс, 06 сен 2026 12:00:00 +0300", "2026-09-06 09:00"),
        ("6 août 2026", "2026-08-06 00:00"),
        ("Seg, 24 Set 2018 19:35:07 -0300", "2018-09-24 22:35"),
        ("mar, 22 Set 2026", "2026-09-22 00:00"),
        ("April 22nd, 2026", "2026-04-22 00:00"),
        ("22 Apr 26", "2026-04-22 00:00"),
        ("Available online 12 April 2026", "2026-04-12 00:00"),
        ("Sun Sep  6 12:00:00 UTC 2026", "2026-09-06 12:00"),
    ],
)
def test_a_date_is_read_whole(text: str, day: str) -> None:
    read = read_date_text(text)
    assert read is not None
    assert str(read.moment)[:16] == day
    assert not read.is_rough


@pytest.mark.parametrize("text", ["September 2026", "2026-09", "2026年9月", "2026–09"])
def test_a_month_is_rough(text: str) -> None:
    read = read_date_text(text)
    assert read is not None
    assert read.is_rough
    assert str(read.moment)[:10] == "2026-09-01"


@pytest.mark.parametrize(
    "text",
    ["06-09-2026", "09/06/2026", "2026", "12", "Spring 2026", "31 Feb 2026", "Q3 2026", "soon", ""],
)
def test_what_could_be_two_days_or_none_is_none(text: str) -> None:
    assert read_date_text(text) is None


@pytest.mark.parametrize("seconds", [None, 0, -5, 10**18])
def test_seconds_that_no_feed_can_mean_are_no_date(seconds: int | None) -> None:
    assert read_seconds(seconds) is None
