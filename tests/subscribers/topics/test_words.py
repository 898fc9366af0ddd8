"""A text becomes words with their places, and a normal form that stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.topics import normal_form
from subscribers.topics.capitals import list_capitals
from subscribers.topics.chunks import Chunk
from subscribers.topics.words import read_words


def test_a_normal_form_is_folded_stemmed_and_padded() -> None:
    assert normal_form("Parallel Decoding for Diffusion") == " parallel decod for diffus "
    assert normal_form("  …  ") == ""


@given(st.text())
@example("²µ")
def test_a_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    assert normal_form(normal_form(text)) == normal_form(text)


def test_words_stand_where_the_text_has_them_however_far_its_blanks_are_apart() -> None:
    signs = "扩散模型" * 30
    words = read_words(f"A (multimodal)  model\nof seq2seq, {signs} β-VAE")
    spelled = [words.spell(i, i) for i in range(len(words.stems))]
    assert spelled[:8] == ["A", "multi", "modal", "model", "of", "seq", "2", "seq"]
    assert spelled[8:] == [*signs, "β", "VAE"]


@given(st.text(alphabet="aBs2½α扩.,)(-|' \n", max_size=40))
@example("(aa)-Bs a  . a .a a. |a")
def test_a_word_asked_about_alone_is_as_the_lists_of_all_words_have_it(text: str) -> None:
    words = read_words(text)
    folded, segments, spans = words.folded, words.segments, words.spans
    for last in range(len(words.stems)):
        assert read_words(text).fold(last) == folded[last]
        assert read_words(text).spell(last, last) == words.spell(last, last)
        if last:
            gap = text[spans[last - 1][1] : spans[last][0]]
            assert read_words(text).gap_before(last) == gap
        for first in range(last):
            assert read_words(text).spell(first, last) == text[spans[first][0] : spans[last][1]]
            is_one = segments[first] == segments[last]
            assert read_words(text).is_together(first, last) == is_one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CO₂", "CO2"),
        ("LiFePO₄", "LiFePO4"),
        ("10⁶", "10 6"),
        ("PM₂.₅", "PM2.5"),
        ("¹⁸F", "18F"),
        ("TNFα", "TNF-α"),
        ("TNFα", "TNFalpha"),
        ("NFκB", "NF-kappaB"),
        ("TGF-β1", "TGFbeta1"),
        ("ΛCDM", "Λ-CDM"),
    ],
)
def test_formulas_and_greek_letters_are_read_alike_however_they_are_set(
    one: str, other: str
) -> None:
    first, second = read_words(one), read_words(other)
    assert first.folded == second.folded
    assert [list_capitals(first.spell(i, i)) for i in range(len(first.stems))] == [
        list_capitals(second.spell(i, i)) for i in range(len(second.stems))
    ]


def test_the_name_of_a_greek_letter_within_a_word_stays_there() -> None:
    assert read_words("Beta Zeta AlphaFold alphabet Ελλάδα").folded == [
        "beta",
        "zeta",
        "alphafold",
        "alphabet",
        "ελλάδα",
    ]


def count_segments(chunks: list[Chunk]) -> list[int]:
    """As Words.segments, chunk by chunk."""
    segments, segment, is_apart, is_joined = list[int](), 0, False, False
    for chunk in chunks:
        is_apart = is_apart or chunk.opens_apart
        if not chunk.stems:
            continue
        if is_apart and not is_joined:
            segment += 1
        segments.extend(segment + stops for stops in chunk.stops)
        segment, is_apart, is_joined = segments[-1], chunk.ends_apart, chunk.is_joined
    return segments


@given(text=st.text(alphabet="ab1 .,;()-/—", max_size=40))
@example(text="a (b)-a b. — a,b a (b")
def test_stops_are_counted_alike_whether_plain_words_are_passed_over(text: str) -> None:
    read = read_words(text)
    assert read.segments == count_segments(read.chunks)


def test_a_stem_is_found_where_it_stands_however_often_anybody_asks() -> None:
    read = read_words("models of a model, and no other")
    asked = [read.find_stem(stem) for stem in ("model", "other", "nothing") for _ in range(20)]
    assert [list(places) for places in asked] == [[0, 3]] * 20 + [[6]] * 20 + [[]] * 20
