"""The words of a topic are found in a text as topics are compared."""

from __future__ import annotations

from hypothesis import given

from subscribers.topics.highlight import find_words
from subscribers.topics.words import read_words
from tests import plain_card
from tests.digest.render.test_excerpt import searches


def test_spans_come_from_left_to_right_and_the_longest_phrase_wins() -> None:
    text = "A World-Model of rags, and RAG"
    found = find_words(text, ["RAG", "world", "world model"])
    assert [(text[first:end], word) for (first, end), word in found] == [
        ("World-Model", "world model"),
        ("RAG", "RAG"),
    ]


@given(searches())
def test_one_pass_finds_what_comparing_every_phrase_at_every_word_finds(
    search: tuple[str, list[list[str]]],
) -> None:
    text, terms = search
    words = [word for term in terms for word in term]
    assert find_words(text, words) == plain_card.find_words(text, words)
    assert find_words(read_words(text), words) == plain_card.find_words(text, words)
