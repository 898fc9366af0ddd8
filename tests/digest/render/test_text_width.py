"""Text is measured as a reader sees it: by characters, and by the columns they take."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.render import text_width

FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("text", "pieces", "columns"),
    [
        ("abc", ["a", "b", "c"], 3),
        ("e\u0301te\u0301", ["e\u0301", "t", "e\u0301"], 3),
        ("日本", ["日", "本"], 4),
        ("नमस्ते", ["न", "म", "स्", "ते"], 4),
        ("각", ["각"], 2),
        ("🇫🇷🇩🇪", ["🇫🇷", "🇩🇪"], 4),
        (f"{FAMILY}!", [FAMILY, "!"], 3),
        ("👍🏽", ["👍🏽"], 2),
        ("❤\ufe0f", ["❤\ufe0f"], 2),
        ("𝒪(n²) ≤ ∞", list("𝒪(n²) ≤ ∞"), 9),
        ("", [], 0),
    ],
)
def test_a_character_is_what_a_reader_takes_for_one(
    text: str, pieces: list[str], columns: int
) -> None:
    assert list(text_width.split_graphemes(text)) == pieces
    assert text_width.measure_width(text) == columns


def test_accents_without_end_take_room() -> None:
    heap = "a" + "\u0301" * 500
    assert text_width.measure_width(heap) > 100
    assert all(len(line) <= 72 * 3 for line in text_width.wrap_lines(heap, 72).split("\n"))


@pytest.mark.parametrize(
    ("text", "columns", "kept"),
    [
        ("the quick brown fox", 19, "the quick brown fox"),
        ("the quick brown fox", 12, "the quick…"),
        ("the quick brown fox", 16, "the quick brown…"),
        ("日本語の論文を読む", 9, "日本語の…"),
        ("near a topic: 日本語の論文を読む", 21, "near a topic: 日本語…"),
        ("논문 한국어로", 9, "논문…"),
        ("cafe\u0301 cafe\u0301", 9, "cafe\u0301 cafe\u0301"),
        ("ends with 🇫🇷🇩🇪", 12, "ends with…"),
        ("xxxxxxxxxxxx", 5, "xxxx…"),
    ],
)
def test_a_text_is_cut_at_a_word_and_never_within_a_character(
    text: str, columns: int, kept: str
) -> None:
    assert text_width.shorten_to_width(text, columns) == kept
    assert text_width.measure_width(kept) <= columns


def test_lines_stand_behind_their_margin_and_end_between_words() -> None:
    assert text_width.wrap_lines("one two three", 9, "  ") == "  one two\n  three"
    assert text_width.wrap_lines("日本語日本語 end", 8) == "日本語日\n本語 end"
    assert text_width.wrap_lines("", 8, "  ") == ""
    assert text_width.wrap_lines("日 \u0301ab", 5) == "日 \u0301ab"  # the accent sits on the blank


@given(st.text(max_size=200), st.integers(4, 80))
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str, columns: int) -> None:
    lines = text_width.wrap_lines(text, columns).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width.measure_width(line) <= max(columns, 4) for line in lines)
    assert text_width.measure_width(text_width.shorten_to_width(text, columns)) <= columns


@given(st.text(max_size=60), st.integers(0, 60))
@example(f"to {FAMILY}", 6)
@example("une cafe\u0301", 8)
def test_a_cut_goes_through_no_character(text: str, end: int) -> None:
    length = text_width.find_whole_end(text, min(end, len(text)))
    assert [
        *text_width.split_graphemes(text[:length]),
        *text_width.split_graphemes(text[length:]),
    ] == [*text_width.split_graphemes(text)]
    assert min(end, len(text)) - length <= 12
