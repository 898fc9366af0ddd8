"""Phrases of a text that somebody could follow."""

from __future__ import annotations

import pytest

from subscribers.topics.phrases import count_phrases, find_phrases, lower_sentence_capitals
from subscribers.topics.words import read_words


def spelled(text: str) -> set[str]:
    return {lower_sentence_capitals(phrase) for _, phrase in find_phrases(read_words(text))}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We propose a world model", {"world model"}),
        ("World models. Policy search", {"world models", "policy search"}),
        ("the chain of thought", {"chain of thought"}),
        ("RLHF of the robots", {"RLHF"}),  # single words only where they are names
        (
            "a multimodal retrieval method",
            {"multimodal", "multimodal retrieval"},
        ),  # a compound is not cut
        ("Text-to-Image models", {"text-to-image", "text-to-image models"}),
        ("experimental results in 2024", set()),
        (
            "neural radiance fields",
            {"neural radiance", "neural radiance fields", "radiance fields"},
        ),
        ("GPT-4 gains 8.66 points", {"GPT-4", "GPT-4 gains"}),
        ("in 3D scenes", {"3D", "3D scenes"}),
        ("see example.org/world/model or $x$-ray", set()),
    ],
)
def test_phrases_are_whole_names_without_the_words_of_every_abstract(
    text: str, found: set[str]
) -> None:
    assert spelled(text) == found


def test_a_phrase_counts_once_a_paper_and_is_spelled_as_most_papers_do() -> None:
    texts = ["World model, world model", "a World-Model", "the world model"]
    found = count_phrases([read_words(text)] for text in texts)
    assert found == {"world model": (3, "world model")}
