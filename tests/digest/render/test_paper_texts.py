"""A paper's texts are cut into sentences where a reader would."""

from __future__ import annotations

import pytest

from digest.render import paper_texts
from digest.render.paper_texts import SENTENCE_END, Sentences
from subscribers.topics.highlight import Place, find_places
from subscribers.topics.words import Words, read_words


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


TEXT = "Robots learn diffusion policies. Others plan. A diffusion policy is one. RAG is no rag."


@pytest.mark.parametrize(
    "words",
    [
        ["diffusion policy"],
        ["diffusion policies", "policy"],
        ["plan", "diffusion"],
        ["RAG"],
        ["policy gradient"],
        [],
    ],
)
def test_found_words_are_found_in_each_sentence_as_in_it_alone(words: list[str]) -> None:
    text = Sentences(TEXT)
    expected = {n: find_places(read_words(one), words) for n, one in enumerate(text.said)}
    assert text.find_places(words) == {n: places for n, places in expected.items() if places}


def test_only_sentences_that_hold_a_first_word_are_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched = list[str]()

    def note(text: Words, words: list[str]) -> list[Place]:
        searched.append(text.text)
        return find_places(text, words)

    monkeypatch.setattr(paper_texts, "find_places", note)
    assert list(Sentences(TEXT).find_places(["plan ahead", "robots"])) == [0]
    assert searched == ["Robots learn diffusion policies.", "Others plan."]


def test_lines_that_several_found_words_share_are_read_once() -> None:
    assert paper_texts.read_lines("We grasp cups.") is paper_texts.read_lines("We grasp cups.")
