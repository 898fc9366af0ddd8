"""Authors and dates where two sources differ."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.ingest.better_facts import choose_authors, choose_date


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ([], ["Ada Lunt"], ["Ada Lunt"]),
        (["Unknown"], ["Ada Lunt"], ["Ada Lunt"]),
        (["Lunt, A., Karr, B."], ["A. Lunt", "B. Karr"], ["A. Lunt", "B. Karr"]),
        (["A. Lunt"], ["Ada Lunt"], ["Ada Lunt"]),
        (["Ada Lunt"], ["A. Lunt"], ["Ada Lunt"]),
        (["Ada Lunt"], ["Ada Lunt", "Bo Karr"], ["Ada Lunt", "Bo Karr"]),
        (["Ada Lunt", "Bo Karr"], ["Ada Lunt"], ["Ada Lunt", "Bo Karr"]),
        (["Ada Lunt"], ["Cy Poe", "Bo Karr"], ["Ada Lunt"]),
    ],
)
def test_the_fuller_list_of_the_same_people_is_shown(
    old: list[str], new: list[str], wanted: list[str]
) -> None:
    assert choose_authors(old, new, is_newer=False) == wanted


def test_a_newer_version_names_its_own_authors() -> None:
    assert choose_authors(["Ada Lunt", "Bo Karr"], ["Ada Lunt"], is_newer=True) == ["Ada Lunt"]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "is_rough", "wanted"),
    [
        ("2026-04-22", "2026-04-20", False, "2026-04-20"),
        ("2026-04-20", "2026-04-22", False, "2026-04-20"),
        ("2026-01-01", "2026-04-22", False, "2026-04-22"),
        ("2026-04-22", "2026-01-01", True, "2026-04-22"),
        ("2026-04-22", "2026-04-01", True, "2026-04-22"),
        ("2026-04-22", "2006-04-22", False, "2026-04-22"),
        ("2006-04-22", "2026-04-22", False, "2026-04-22"),
    ],
    ids=["earlier", "later", "year then day", "day then year", "month", "odd one", "odd one first"],
)
def test_the_earlier_date_is_printed_unless_it_is_rough_or_odd(
    old: str, new: str, is_rough: bool, wanted: str
) -> None:
    assert choose_date("doi:10.1/x", day(old), day(new), is_rough=is_rough) == day(wanted)


def test_an_arxiv_number_says_which_of_two_far_dates_is_odd() -> None:
    dates = day("2019-03-04"), day("2026-04-22")
    assert choose_date("arxiv:1903.01234", *dates, is_rough=False) == dates[0]
    assert choose_date("arxiv:2604.01234", *dates, is_rough=False) == dates[1]
    assert choose_date("arxiv:hep-ex/1903001", *dates, is_rough=False) == dates[0]
