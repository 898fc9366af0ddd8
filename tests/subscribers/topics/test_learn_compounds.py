"""Which compounds papers write closed, with a hyphen and open, and which only look so."""

from __future__ import annotations

import pytest

from subscribers.topics.learn_compounds import learn_compounds
from subscribers.topics.neighbourhoods import ReadPapers
from tests.subscribers.topics.two_fields import write_both_fields, write_papers


def learn(*texts: str) -> list[tuple[str, str, str]]:
    papers = ReadPapers([*write_both_fields(), *texts])
    return [(one.kind, one.spelled, one.other_spelled) for one in learn_compounds(papers)]


def test_a_word_written_closed_and_with_a_hyphen_is_one() -> None:
    texts = ["On reranking.", "A re-ranking step.", "Re-ranking again."]
    assert learn(*texts) == [("compound", "reranking", "re-ranking")]
    assert learn("An xray.", "One X-ray.", "X-ray doses.") == [("compound", "xray", "x-ray")]


def test_two_papers_are_too_few() -> None:
    assert learn("On reranking.", "A re-ranking step.") == []


def test_a_verb_with_a_particle_joins_only_by_its_hyphen() -> None:
    assert learn("A setup.", "Another setup.", "The set-up.", "We set up a loaf.") == [
        ("hyphen", "setup", "set-up")
    ]


def test_a_word_broken_at_the_end_of_a_line_is_a_mistake() -> None:
    assert learn(*["A fraction."] * 30, "A frac-tion.") == []


@pytest.mark.parametrize(("field", "is_learned"), [("baking", True), ("stars", False)])
def test_without_a_hyphen_both_forms_must_stand_in_papers_about_the_same(
    field: str, is_learned: bool
) -> None:
    texts = [
        *write_papers("baking", "the breadmaker", count=4),
        *write_papers(field, "the bread maker", count=3),
        *write_papers("baking", "bread", "the maker", count=12),
    ]
    assert bool(learn(*texts)) == is_learned


@pytest.mark.parametrize(
    "texts",
    [
        ["across rye", "a cross rye"] * 9,  # a small word is no part of one
        ["a dvision", "3D-vision", "2D-vision", "3D-vision"],  # a piece of a longer name
        ["a finer loaf", "FINE-R here", "a finer crust"],
        ["bread. Maker", "breadmaker", "bread, maker", "breadmaker"],
    ],
)
def test_what_only_looks_like_a_compound_is_none(texts: list[str]) -> None:
    assert learn(*texts) == []
