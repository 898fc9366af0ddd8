"""Of a text whose stems are stored only the words around a topic's are read, to the same end."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.topics import Text, find_topic, parse_topic, read_text, stored_words
from subscribers.topics.chunks import Chunk, read_chunk
from subscribers.topics.stored_words import StoredWords
from subscribers.topics.words import Words, read_words

ODD = "(aa)-Bs a  . a .a a. |a İ colour matrices of a matrix, seq2seq COLOUR"


@given(st.text(alphabet="aBs2½α扩.,)(-|' \n", max_size=40))
@example(ODD)
def test_each_word_is_as_the_whole_text_has_it(text: str) -> None:
    whole = read_words(text)
    for last in range(len(whole.stems)):
        stored = [StoredWords(text, list(whole.stems)) for _ in range(4)]
        assert stored[0].fold(last) == whole.fold(last)
        assert stored[1].spell(last, last) == whole.spell(last, last)
        if last:
            assert stored[2].gap_before(last) == whole.gap_before(last)
            assert stored[2].fold(last - 1) == whole.fold(last - 1)
        for first in range(last):
            assert stored[3].is_together(first, last) == whole.is_together(first, last)
            assert stored[3].spell(first, last) == whole.spell(first, last)


@pytest.mark.parametrize("query", ["colour", "sparse matrix", "seq2seq", "matrix + colour", "lens"])
def test_a_topic_is_found_alike(query: str) -> None:
    text = Text("Of lenses", f"Sparse matrices, not a sparse, matrix. {ODD}")
    form = read_text(text).normal_form
    found = find_topic(parse_topic(query), read_text(text))
    assert found
    assert find_topic(parse_topic(query), read_text(text, stored_form=form)) == found


def test_few_words_are_read_for_one_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def note(raw: str) -> Chunk:
        read.append(raw)
        return read_chunk(raw)

    monkeypatch.setattr(stored_words, "read_chunk", note)
    monkeypatch.setattr(stored_words, "read_chunks", lambda _: pytest.fail("All were read."))
    text = Text("A title", f"{'There is much more. ' * 50} Of diffusion policies, one learns.")
    form = read_text(text).normal_form
    assert find_topic(parse_topic("diffusion policy"), read_text(text, stored_form=form))
    assert set(read) == {"Of", "diffusion", "policies,", "one"}


def test_what_stands_beside_a_word_is_not_read_where_it_is_letters_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def note(raw: str) -> Chunk:
        read.append(raw)
        return read_chunk(raw)

    monkeypatch.setattr(stored_words, "read_chunk", note)
    text = Text("A title", "We train diffusion models, (learn) diffusion with frogs")
    form = read_text(text).normal_form
    found = find_topic(parse_topic("diffusion"), read_text(text, stored_form=form))
    assert found == find_topic(parse_topic("diffusion"), read_text(text))
    assert set(read) == {"diffusion", "models,", "(learn)", "with"}


def test_a_word_is_folded_once_however_often_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folded, fold = list[int](), Words.fold

    def note(words: Words, i: int) -> str:
        folded.append(i)
        return fold(words, i)

    monkeypatch.setattr(Words, "fold", note)
    stored = StoredWords("We train models", ["we", "train", "model"])
    assert [stored.fold(2), stored.fold(2)] == ["models", "models"]
    assert folded == [2]


def test_a_form_that_another_release_wrote_is_not_gone_by() -> None:
    text = Text("Re-identification", "People are found again.")
    reading = read_text(text, stored_form=" reidentif | peopl be found again ")
    assert reading.abstract.stems == read_text(text).abstract.stems
