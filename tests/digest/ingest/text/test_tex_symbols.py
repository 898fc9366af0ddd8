from __future__ import annotations

import pytest

from digest.ingest.text.tex_symbols import (
    SUBSCRIPTS,
    SUPERSCRIPTS,
    convert_alphabet,
    convert_script,
    group_text,
)


@pytest.mark.parametrize(
    ("text", "alphabet", "shown"),
    [
        ("R", "DOUBLE-STRUCK", "ℝ"),
        ("1", "DOUBLE-STRUCK", "𝟙"),
        ("L", "SCRIPT", "ℒ"),
        ("g", "FRAKTUR", "𝔤"),
        ("é+", "SCRIPT", "é+"),
        (r"A\ours", "SCRIPT", r"𝒜\ours"),
    ],
)
def test_letters_are_set_in_the_alphabets_that_unicode_has(
    text: str, alphabet: str, shown: str
) -> None:
    assert convert_alphabet(text, alphabet) == shown


def test_scripts_are_small_signs_but_no_words() -> None:
    assert convert_script("2", SUPERSCRIPTS) == "²"
    assert convert_script("i+1", SUBSCRIPTS) == "ᵢ₊₁"
    assert convert_script("max", SUBSCRIPTS) == convert_script("w", SUBSCRIPTS) == ""


def test_only_what_is_more_than_a_word_is_grouped() -> None:
    assert (group_text(" a+b "), group_text("12"), group_text("√d")) == ("(a+b)", "12", "√d")
