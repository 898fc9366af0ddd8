"""The words of a topic are found in a text as topics are compared."""

from __future__ import annotations

from subscribers.topics.highlight import find_words


def test_spans_come_from_left_to_right_and_the_longest_phrase_wins() -> None:
    text = "A World-Model of rags, and RAG"
    found = find_words(text, ["RAG", "world", "world model"])
    assert [(text[first:end], word) for (first, end), word in found] == [
        ("World-Model", "world model"),
        ("RAG", "RAG"),
    ]
