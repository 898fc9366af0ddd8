"""Marks on Latin letters, case and width make no difference; other scripts keep theirs."""

from __future__ import annotations

import pytest

from subscribers.topics.letters import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łukasz", "lukasz"),
        ("SØREN", "soren"),
        ("Þór", "thor"),
        ("Straße", "strasse"),
        ("Æsop", "aesop"),
        ("naïve", "naive"),
        ("ＡＢ", "ab"),
        ("йод", "йод"),
        ("が", "が"),
    ],
)
def test_a_word_is_folded_and_folding_it_again_changes_nothing(text: str, folded: str) -> None:
    assert fold(text) == folded == fold(folded)
