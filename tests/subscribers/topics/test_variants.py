"""What a topic finds by the variants that papers taught, and what it must not."""

from __future__ import annotations

import pytest

from subscribers.topics import Acronyms, Text, TopicIndex, find_topic, parse_topic, read_text
from subscribers.topics.all_forms import list_all_forms
from subscribers.topics.variants import Kind, Variant, Variants

LEARNED = Variants(
    (
        Variant(Kind.COMPOUND, "rerank", "re rank", "reranking", "re-ranking", 8, 6),
        Variant(Kind.COMPOUND, "healthcar", "health care", "healthcare", "health care", 9, 4),
        Variant(Kind.HYPHEN, "setup", "set up", "setup", "set-up", 9, 3),
        Variant(Kind.ENDING, "robustness", "robust", "robustness", "robust", 9, 9),
        Variant(Kind.NAME, "PyTorch", "pytorch", "PyTorch", "pytorch", 9, 3),
        Variant(
            Kind.ORDER,
            "implicit neural repr",
            "neural implicit repr",
            "implicit neural representation",
            "neural implicit representation",
            9,
            4,
        ),
    )
)
FORMS = Acronyms(variants=LEARNED)
FOUND = [
    ("reranking", "Re-ranking of passages"),
    ("reranking", "Re ranking of passages"),
    ("re-ranking", "A reranker"),
    ("passage re-ranking", "Passage reranking"),
    ("reranking model", "Re-ranking models"),
    ("health care", "Healthcare"),
    ("healthcare costs", "Health care costs"),
    ("setup", "The set-up"),
    ("set-up", "The setup"),
    ("robustness", "A robust method"),
    ("PyTorch", "In pytorch"),
    ("PyTorch", "In Pytorch"),
    ("implicit neural representations", "A neural implicit representation"),
    ("neural implicit representation", "Implicit neural representations"),
]
FOUND_NOT = [
    ("reranking", "We re-ranked it"),
    ("reranking", "Re: ranking"),
    ("reranking", "Ranking"),
    ('"reranking"', "Re-ranking"),
    ("setup", "We set up a loaf"),
    ("set up", "The setup"),
    ("robust", "Its robustness"),
    ("robustness", "Robustly"),
    ('"robustness"', "robust"),
    ('"PyTorch"', "pytorch"),
    ("PyTorch", "pytorchvideo"),
    ("implicit neural representation", "neural, implicit representation"),
    ("implicit neural representation", "representation neural implicit"),
    ('"implicit neural representation"', "neural implicit representation"),
    ("title:reranking", "Ranking"),
]


def is_found(query: str, title: str) -> bool:
    return find_topic(parse_topic(query), read_text(Text(title), FORMS)) is not None


@pytest.mark.parametrize(("query", "title"), FOUND)
def test_a_topic_finds_the_variants_that_papers_taught(query: str, title: str) -> None:
    assert is_found(query, title)
    assert not find_topic(parse_topic(query), Text(title))  # without papers it does not


@pytest.mark.parametrize(("query", "title"), FOUND_NOT)
def test_it_finds_no_more_than_these(query: str, title: str) -> None:
    assert not is_found(query, title)


@pytest.mark.parametrize(("query", "title"), FOUND)
def test_the_index_and_the_databases_forms_know_them_too(query: str, title: str) -> None:
    index, topic, reading = TopicIndex(), parse_topic(query), read_text(Text(title), FORMS)
    index.add_topic(7, topic)
    assert 7 in index.find_candidates(reading.normal_form, reading.text, FORMS)
    forms = list_all_forms(topic.wanted[0], FORMS)
    assert any(f" {form} " in reading.normal_form for form in forms)


def test_a_compound_counts_as_much_in_either_form() -> None:
    topic = parse_topic("reranking")
    open_form = find_topic(topic, read_text(Text("Passage re-ranking"), FORMS))
    closed = find_topic(topic, read_text(Text("Passage reranking"), FORMS))
    assert open_form
    assert closed
    assert 0 < closed.strength - open_form.strength < 1.2  # as typed, and more of a short title


def test_another_ending_counts_less_than_the_one_typed() -> None:
    topic = parse_topic("robustness")
    typed = find_topic(topic, read_text(Text("Robustness in baking"), FORMS))
    other = find_topic(topic, read_text(Text("Robust baking of rye"), FORMS))
    assert typed
    assert other
    assert other.strength < typed.strength - 1


def test_what_has_no_variant_is_found_just_as_strongly() -> None:
    text = Text("Diffusion policies for robust healthcare", "A diffusion policy.")
    for query in ("diffusion policy", "robust", "policies + diffusion", "healthcare -rye"):
        topic = parse_topic(query)
        assert find_topic(topic, read_text(text, FORMS)) == find_topic(topic, text)
