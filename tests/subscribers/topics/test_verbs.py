"""Plurals that are verbs as well, told apart by the words beside them."""

from __future__ import annotations

import pytest

from subscribers.topics.verbs import is_verb
from subscribers.topics.words import read_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drying of tobacco leaves", False),
        ("the leaves turn", False),
        ("oak leaves (Quercus) fall", False),
        ("leaves were dried", False),
        ("stems and leaves", False),
        ("this leaves room", True),
        ("which leaves", True),
        ("the method leaves users alone", True),
        ("it often leaves traces", True),
        ("in spring, leaves", False),
    ],
)
def test_a_plural_that_is_done_to_something_is_a_verb(text: str, expected: bool) -> None:
    words = read_words(text)
    assert is_verb(words, words.folded.index("leaves")) == expected
