"""A paper's texts are cut into sentences where a reader would."""

from __future__ import annotations

import pytest

from digest.render.paper_texts import SENTENCE_END, Sentences


@pytest.mark.parametrize(
    "text",
    ["Smith et al. Show it", "See e.g. This", "J. Smith", "In Fig. 3 we", "x vs. Y", "0. 5x"],
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    expected = ["0.", "5x"] if text.startswith("0") else [text]
    assert SENTENCE_END.split(text) == expected


def test_from_each_sentence_on_as_many_follow_as_have_room_and_one_at_least() -> None:
    text = Sentences("One is here. Two is there. Three is a long sentence with many words.")
    assert text.list_windows(26) == [range(2), range(1, 2), range(2, 3)]
    assert text.list_windows(5) == [range(1), range(1, 2), range(2, 3)]
