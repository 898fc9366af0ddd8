"""A day, a week and a month have a name for addresses and one in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.periods import MAKERS, Period, PeriodKind, parse_period


@pytest.mark.parametrize(
    ("name", "title", "short", "days"),
    [
        ("2026-04-23", "Thursday 23 April 2026", "Thu 23 April", 1),
        ("2026-W17", "20 to 26 April 2026", "Week 17", 7),
        ("2026-W18", "27 April to 3 May 2026", "Week 18", 7),
        ("2026-W53", "28 December 2026 to 3 January 2027", "Week 53", 7),
        ("2026-02", "February 2026", "February", 28),
    ],
)
def test_a_span_is_said_in_words(name: str, title: str, short: str, days: int) -> None:
    span = parse_period(name)
    assert (span.name, span.title, span.short_title, len(span.days)) == (name, title, short, days)


def test_a_span_begins_and_ends_at_midnight_in_utc() -> None:
    week = parse_period("2026-W17")
    assert week.starts_at == datetime(2026, 4, 20, tzinfo=UTC)
    assert week.ends_at == datetime(2026, 4, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["2026-02-30", "2026-13", "0000-01", "2026-W54", "2025-W53", "9999-W52", "0000-W01"]
)
def test_what_no_calendar_has_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no day, week or month"):
        parse_period(name)


@given(st.dates(max_value=date(9999, 12, 26)), st.sampled_from(PeriodKind))
def test_every_span_around_a_day_holds_it_and_can_be_named(day: date, kind: PeriodKind) -> None:
    span: Period = MAKERS[kind](day)
    assert span.first <= day <= span.last
    assert parse_period(span.name) == span
