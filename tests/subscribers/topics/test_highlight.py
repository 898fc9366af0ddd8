"""The words of a topic are found in a text as topics are compared."""

from __future__ import annotations

import pytest
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


@pytest.mark.parametrize("filler", [0, 500])
def test_a_text_tells_whether_it_has_any_of_some_words(filler: int) -> None:
    text = read_words("Of robots and " + "other " * filler)
    assert text.has_none_of({"rivers": 1, "robot": 1})
    assert not text.has_none_of({"rivers": 1, "robots": 1})
    assert text.has_none_of({})


def test_a_sentence_that_was_searched_keeps_no_set_of_its_words() -> None:
    """Of a paper's sentences these were more than a tenth of all that is kept of it."""
    sentence = read_words("We study robots that sort tables of others.")
    before = len(vars(sentence))
    for word in ("robots", "arms", "table"):
        find_words(sentence, [word])
    kept = [one for one in vars(sentence).values() if isinstance(one, set | frozenset)]
    assert len(vars(sentence)) > before
    assert not kept
