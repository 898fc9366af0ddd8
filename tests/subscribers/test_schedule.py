"""One digest per local day, at the reader's own hour, whatever the clocks do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.schedule import find_last_slot, find_next_slot
from tests.properties import examples

ODD_ZONES = [
    "America/Havana",  # skips 00:00
    "America/Nuuk",  # skips 23:00 on a Saturday
    "America/Sao_Paulo",  # skipped 00:00 until 2019
    "America/St_Johns",  # set back from 00:01 to 23:01 until 2011
    "Africa/Casablanca",  # two shifts around Ramadan
    "Asia/Kathmandu",  # 5:45
    "Asia/Tehran",
    "Australia/Lord_Howe",  # half an hour
    "Europe/Berlin",
    "Pacific/Apia",  # no 30 December 2011
    "Pacific/Chatham",
    "UTC",
]
zones = st.sampled_from(ODD_ZONES) | st.sampled_from(sorted(available_timezones()))
hours = st.integers(0, 23)
moments = st.integers(946_684_800, 2_208_988_800).map(lambda s: datetime.fromtimestamp(s, UTC))


def local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


def utc(*parts: int) -> datetime:
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def slots(cadence: str, zone: str, hour: int, start: datetime, end: datetime) -> list[datetime]:
    found = [find_next_slot(cadence, zone, hour, start)]
    while found[-1] < end:
        found.append(find_next_slot(cadence, zone, hour, found[-1]))
    return found


def days_of(zone: str, first: datetime, last: datetime) -> set[date]:
    """Every calendar day that the zone's clocks show, looked at every quarter of an hour."""
    steps = int((last - first) / timedelta(minutes=15))
    quarters = (first + timedelta(minutes=15) * n for n in range(steps + 1))
    return {quarter.astimezone(ZoneInfo(zone)).date() for quarter in quarters}


def day_of_slot(slot: datetime, zone: str, hour: int) -> date:
    """The day a slot stands for: its own, or the one whose late hours were skipped."""
    wall = slot.astimezone(ZoneInfo(zone))
    return wall.date() if wall.hour >= hour else wall.date() - timedelta(days=1)


@settings(max_examples=examples(150))
@given(zones, hours, moments)
def test_every_local_calendar_day_has_exactly_one_slot(
    zone: str, hour: int, start: datetime
) -> None:
    end = start + timedelta(days=20)
    found = Counter(day_of_slot(s, zone, hour) for s in slots("daily", zone, hour, start, end))
    assert set(found.values()) == {1}
    whole_days = days_of(zone, start + timedelta(days=2), end - timedelta(days=2))
    assert whole_days <= set(found)


@settings(max_examples=examples(100))
@given(zones, hours, st.integers(2000, 2039))
def test_the_days_around_every_clock_change_have_one_slot_each(
    zone: str, hour: int, year: int
) -> None:
    noons = [utc(year, 1, 1, 12) + timedelta(days=n) for n in range(366)]
    offsets = [noon.astimezone(ZoneInfo(zone)).utcoffset() for noon in noons]
    for before, after, old, new in zip(noons, noons[1:], offsets, offsets[1:], strict=False):
        if old != new:
            start, end = before - timedelta(days=3), after + timedelta(days=3)
            found = [day_of_slot(s, zone, hour) for s in slots("daily", zone, hour, start, end)]
            assert len(found) == len(set(found))
            assert days_of(zone, before - timedelta(days=1), after + timedelta(days=1)) <= set(
                found
            )


@settings(max_examples=examples(200))
@given(zones, hours, moments, st.sampled_from(["daily", "weekdays", "weekly"]))
def test_the_last_slot_and_the_next_enclose_now_and_nothing_lies_between(
    zone: str, hour: int, now: datetime, cadence: str
) -> None:
    last = find_last_slot(cadence, zone, hour, now)
    following = find_next_slot(cadence, zone, hour, now)
    assert last <= now < following
    assert find_next_slot(cadence, zone, hour, last) == following
    assert find_last_slot(cadence, zone, hour, following) == following
    assert find_last_slot(cadence, zone, hour, following - timedelta(seconds=1)) == last


@settings(max_examples=examples(100))
@given(zones, hours, moments)
def test_weekdays_are_the_daily_slots_without_the_weekend_and_weekly_is_monday(
    zone: str, hour: int, start: datetime
) -> None:
    end = start + timedelta(days=25)
    daily = slots("daily", zone, hour, start, end)
    for cadence, wanted in (("weekdays", range(5)), ("weekly", range(1))):
        expected = [s for s in daily if day_of_slot(s, zone, hour).weekday() in wanted and s <= end]
        assert [s for s in slots(cadence, zone, hour, start, end) if s <= end] == expected


def test_an_hour_the_clocks_skip_moves_to_the_first_moment_after_the_gap() -> None:
    berlin = find_next_slot("daily", "Europe/Berlin", 2, utc(2026, 3, 28, 12))
    assert local(berlin, "Europe/Berlin") == "Sun 2026-03-29 03:00"
    lord_howe = find_next_slot("daily", "Australia/Lord_Howe", 2, utc(2026, 10, 3, 0))
    assert local(lord_howe, "Australia/Lord_Howe") == "Sun 2026-10-04 02:30"
    sao_paulo = find_next_slot("daily", "America/Sao_Paulo", 0, utc(2018, 11, 3, 12))
    assert local(sao_paulo, "America/Sao_Paulo") == "Sun 2018-11-04 01:00"


def test_skipped_hours_before_midnight_move_to_midnight_and_both_days_keep_their_digest() -> None:
    nuuk = slots("daily", "America/Nuuk", 23, utc(2026, 3, 28, 12), utc(2026, 3, 30, 12))
    assert [local(slot, "America/Nuuk") for slot in nuuk] == [
        "Sun 2026-03-29 00:00",
        "Sun 2026-03-29 23:00",
        "Mon 2026-03-30 23:00",
    ]


def test_a_gap_that_starts_between_hours_ends_where_the_clocks_resume() -> None:
    # Lord Howe's two o'clock became half past; St John's 00:01 became 01:01.
    skipped = find_next_slot("daily", "America/St_Johns", 1, utc(2010, 3, 14, 1))
    assert local(skipped, "America/St_Johns") == "Sun 2010-03-14 01:01"


def test_an_hour_that_comes_twice_counts_the_first_time() -> None:
    first = find_next_slot("daily", "Europe/Berlin", 2, utc(2026, 10, 24, 12))
    assert first == utc(2026, 10, 25, 0)
    assert local(find_next_slot("daily", "Europe/Berlin", 2, first), "Europe/Berlin") == (
        "Mon 2026-10-26 02:00"
    )


def test_clocks_set_back_over_midnight_do_not_bring_a_day_twice() -> None:
    # 7 November 2010 began in St John's, and a minute later it was the 6th again.
    within_the_second_evening = utc(2010, 11, 7, 3)
    assert local(within_the_second_evening, "America/St_Johns") == "Sat 2010-11-06 23:30"
    last = find_last_slot("daily", "America/St_Johns", 0, within_the_second_evening)
    assert local(last, "America/St_Johns") == "Sun 2010-11-07 00:00"


def test_a_day_that_a_zone_left_out_has_no_digest() -> None:
    samoa = slots("daily", "Pacific/Apia", 8, utc(2011, 12, 29, 12), utc(2012, 1, 1))
    assert [local(slot, "Pacific/Apia") for slot in samoa] == [
        "Thu 2011-12-29 08:00",
        "Sat 2011-12-31 08:00",
        "Sun 2012-01-01 08:00",
        "Mon 2012-01-02 08:00",
    ]


def test_odd_offsets_are_kept_to_the_minute() -> None:
    kathmandu = find_next_slot("daily", "Asia/Kathmandu", 8, utc(2026, 4, 22, 12))
    assert kathmandu == utc(2026, 4, 23, 2, 15)


def test_the_next_slot_is_strictly_later_and_the_last_may_be_now() -> None:
    slot = utc(2026, 4, 22, 8)
    assert find_next_slot("daily", "UTC", 8, slot) == utc(2026, 4, 23, 8)
    assert find_last_slot("daily", "UTC", 8, slot) == slot


def test_a_moment_in_any_zone_is_the_same_moment() -> None:
    tokyo = utc(2026, 4, 22, 8).astimezone(ZoneInfo("Asia/Tokyo"))
    assert find_next_slot("weekly", "UTC", 8, tokyo) == utc(2026, 4, 27, 8)


def test_an_unknown_zone_or_cadence_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        find_next_slot("daily", "Europe/Atlantis", 8, utc(2026, 1, 1))
    with pytest.raises(KeyError):
        find_next_slot("hourly", "UTC", 8, utc(2026, 1, 1))
