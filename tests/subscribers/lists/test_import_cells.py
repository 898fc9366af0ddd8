"""What people and other services write into the cells of a list."""

from __future__ import annotations

import pytest

from subscribers.lists.import_cells import (
    BadCell,
    find_farewell,
    read_address,
    read_cadence,
    read_confirmed_at,
    read_count,
    read_hour,
    read_topics,
    read_zone,
)
from tests.factories import NOW


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("8", "8"),
        ("08:00", "8"),
        ("08:00:00", "8"),
        ("0", "0"),
        ("8.0", "8"),
        ("6 PM", "18"),
        ("6:00 p.m.", "18"),
        ("12 am", "0"),
        ("12 PM", "12"),
        ("18h", "18"),
        ("18 Uhr", "18"),
    ],
)
def test_an_hour_is_read_however_it_is_written(cell: str, hour: str) -> None:
    assert read_hour(cell) == hour


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("18:30", "write 18 or 19"),
        ("6:30 PM", "write 18 or 19"),
        ("23:30", "write 23 or 0"),
        ("24", "from 0 to 23"),
        ("13 PM", "from 0 to 23"),
        ("0 AM", "from 0 to 23"),
        ("33", "from 0 to 23"),
        ("morning", "from 0 to 23"),
    ],
)
def test_an_hour_that_is_none_is_refused(cell: str, told: str) -> None:
    with pytest.raises(BadCell, match=told):
        read_hour(cell)


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("europe/zurich", "Europe/Zurich"),
        ("EUROPE/ZÜRICH", "Europe/Zurich"),
        ("America/New York", "America/New_York"),
        ("america / sao paulo", "America/Sao_Paulo"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_found_in_any_case(cell: str, zone: str) -> None:
    assert read_zone(cell) == zone


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("Europe/Zuerich", "write Europe/Zurich"),
        ("Berlin", "write Europe/Berlin"),
        ("Mars/Olympus", "a name such as Europe/Berlin"),
        ("GMT+2 hours", "a name such as"),
    ],
)
def test_a_zone_that_is_none_is_told_a_near_one(cell: str, told: str) -> None:
    with pytest.raises(BadCell, match=told):
        read_zone(cell)


@pytest.mark.parametrize(
    "cell", ["<ada @example.org>", "Ada <ada@exa mple.org>", "<ada(x)@example.org>"]
)
def test_only_an_address_that_stands_there_as_it_is_stored_is_read(cell: str) -> None:
    """Or nobody finds it in the list when they delete what is kept of them."""
    with pytest.raises(BadCell, match=r"write ada@example\.org"):
        read_address(cell)


def test_other_cells() -> None:
    assert (read_cadence("Week Days".replace(" D", "d")), read_cadence("Every day")) == (
        "weekdays",
        "daily",
    )
    assert (read_count("10.0"), read_count("50")) == ("10", "50")
    assert read_address("Ada Lunt <ada@example.org>") == "ada@example.org"
    assert read_address("mailto:ada@example.org") == "ada@example.org"
    assert read_topics('["robots", {"name": "bees"}]') == "robots\nbees"
    assert read_topics("[CLS] token; robots") == "[CLS] token\n robots"
    assert read_confirmed_at("2024-02-12 18:06:58 UTC", NOW) is not None


@pytest.mark.parametrize(
    ("read", "cell"),
    [(read_cadence, "monthly"), (read_count, "500"), (read_count, "0"), (read_count, "ten")],
)
def test_a_cell_that_means_nothing_is_refused(read: object, cell: str) -> None:
    with pytest.raises(BadCell, match="Write "):
        read(cell)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "cell", "is_gone"),
    [
        ("status", "Unsubscribed", True),
        ("status", "enabled", False),
        ("email disabled", "TRUE", True),
        ("email disabled", "false", False),
        ("subscribed to emails", "false", True),
        ("subscribed to emails", "", False),
        ("unsub time", "2024-02-12 18:06:58", True),
        ("deleted at", "", False),
        ("notes", "unsubscribed", False),
    ],
)
def test_who_left_another_list_is_known_by_its_columns(name: str, cell: str, is_gone: bool) -> None:
    assert bool(find_farewell({name: cell})) is is_gone
