"""British words are read as American ones, and closed compounds in their parts."""

from __future__ import annotations

import pytest

from subscribers.topics.spelling import find_compound_break, to_american


@pytest.mark.parametrize(
    ("british", "american"),
    [("optimisation", "optimization"), ("offence", "offense"), ("programme", "program"),
     ("programmer", "programmer"), ("policy", "policy")],
)  # fmt: skip
def test_only_a_british_word_gets_another_spelling(british: str, american: str) -> None:
    assert to_american(british) == american


def test_a_closed_compound_is_broken_behind_its_first_part() -> None:
    assert find_compound_break("autoencoder") == len("auto")
    assert find_compound_break("policy") == 0
