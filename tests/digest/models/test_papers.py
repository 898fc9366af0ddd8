"""The words found in a paper are stored as one text, and read as they were."""

from __future__ import annotations

from digest.models.papers import join_found_words, split_found_words


def test_found_words_are_read_as_they_were_stored() -> None:
    words = ["Diffusion Policy", "diffusion policies"]
    assert split_found_words(join_found_words(words)) == words
    assert split_found_words("RAG") == ["RAG"]
