"""Numbers, days and cut texts are said as English says them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest import english


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th"), (11, "11th"), (12, "12th"),
     (13, "13th"), (20, "20th"), (21, "21st"), (103, "103rd"), (111, "111th")],
)  # fmt: skip
def test_ordinals_end_as_they_are_spoken(number: int, said: str) -> None:
    assert english.ordinal(number) == said


def test_counts_and_days_are_said_in_words() -> None:
    assert (english.count_of(1, "paper"), english.count_of(2, "paper")) == ("1 paper", "2 papers")
    april, december = datetime(2026, 4, 3, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)
    assert english.day_in_words(april) == "3 Apr 2026"
    assert english.day_in_words(april, april) == "3 Apr"
    assert english.day_in_words(december, april) == "31 Dec 2025"


@pytest.mark.parametrize(
    ("stars", "said"),
    [
        (None, ""),
        (0, ""),
        (999, "999 ★"),
        (1000, "1k ★"),
        (12_345, "12.3k ★"),
        (999_949, "999.9k ★"),
        (999_950, "1M ★"),
        (1_234_567, "1.2M ★"),
    ],
)
def test_stars_are_rounded_to_a_tenth_of_a_thousand_or_of_a_million(
    stars: int | None, said: str
) -> None:
    assert english.stars_in_words(stars) == said


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("one, two", 6, "one…"),
        ("x" * 20, 10, "x" * 9 + "…"),
        ("ab " + "x" * 20, 10, "ab xxxxxx…"),
    ],
)
def test_a_text_is_cut_at_a_word_and_says_so(text: str, limit: int, kept: str) -> None:
    assert english.shorten(text, limit) == kept
    assert len(kept) <= limit
