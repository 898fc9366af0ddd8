"""What a paper has in common with others, and what a reader is offered to mute it by."""

from __future__ import annotations

import pytest

from digest.compose.features import (
    MuteOffers,
    list_kinds_named,
    list_noun_stems,
    list_phrases,
    list_traits,
)
from digest.models import Paper


@pytest.mark.parametrize(
    ("title", "found", "offered"),
    [
        ("A Survey of Video Generation", [], "survey"),
        ("Surveys, Benchmarks and Reviews", [], "survey"),
        ("PlanBench: A Benchmark for Planning", [], "benchmark"),
        ("The Orca Technical Report", [], "technical report"),
        ("Orca: Slow Vision-Language Models", [], "Vision-Language Models"),
        ("Orca: Slow Vision-Language Models", ["slow vision language model"], "cs.CV"),
        ("Retrieval for Multi-Hop RAG with LLM Agents", ["RAG"], "Multi-Hop RAG"),
        ("Orca: Whales by One-Step Generation", [], "One-Step Generation"),
        ("A Fully Local Method for Adapting LLMs to Tasks", [], "cs.CV"),
        ("Fine-Tuning LLMs", [], "Fine-Tuning LLMs"),
        ("Whales and Virtual Try-On", [], "Virtual Try-On"),
        ("The von Neumann entropy of whales", [], "von Neumann entropy"),
        ("Whales that are Deep and Uncertainty-Aware", [], "cs.CV"),
        ("Orca", [], "cs.CV"),
        ("Orca", ["cs.CV"], ""),
        ("A Survey of Whales", ["Surveys"], "cs.CV"),
        ("A Survey of Whales", ["whales"], "survey"),
        ("我们的方法", [], "cs.CV"),
        ("0", [], "cs.CV"),
    ],
)
def test_a_link_offers_to_mute_what_is_most_telling_and_never_what_is_followed(
    title: str, found: list[str], offered: str
) -> None:
    assert MuteOffers(title, "", ["cs.CV", "cs.LG"]).choose_offer(found) == offered


def test_a_phrase_that_only_the_title_turns_is_not_offered() -> None:
    abstract = "Playable code is made of 3D Gaussian splatting."
    title = "Making Code Playable with Gaussian Splatting"
    assert MuteOffers(title, "", []).choose_offer() == "Code Playable"
    assert MuteOffers(title, abstract, []).choose_offer() == "Gaussian Splatting"


def test_a_paper_of_which_nothing_is_known_has_nothing_to_mute() -> None:
    assert MuteOffers("Orca", "", []).choose_offer() == ""


def test_a_kind_of_paper_within_another_is_not_named_twice() -> None:
    assert list_kinds_named("A Systematic Review and a Survey") == ["systematic review", "survey"]


def test_phrases_end_at_stops_and_small_words_and_a_name_comes_last() -> None:
    title = "Deep Orca: Learning Dexterous Manipulation, from Human Videos of Deep Orcas"
    assert list_phrases(Paper(title=title)) == [
        "Dexterous Manipulation",
        "Human Videos",
        "Deep Orcas",
    ]


def test_traits_are_the_first_category_the_organization_and_telling_words_of_the_title() -> None:
    traits = list_traits(
        "On the Pruning of LLMs, Part 2: LLM Prunings", ["cs.CL", "cs.LG"], "NVIDIA"
    )
    assert [(t.kind, t.term, t.said) for t in traits] == [
        ("category", "cs.cl", "cs.CL"),
        ("organization", "nvidia", "NVIDIA"),
        ("word", "prune", "pruning"),
        ("word", "llm", "LLMs"),
    ]


def test_a_paper_without_category_and_organization_still_has_its_words() -> None:
    assert [t.term for t in list_traits("Orcas", [], "")] == ["orca"]


@pytest.mark.parametrize(
    ("title", "nouns"),
    [
        ("Re-Expression: A Fully Local Method for Adapting LLMs", {"express", "llm"}),
        ("Rewarding the Slow Orca", {"slow", "orca"}),
        ("Joint Talking Audio-Video Generation with RL", {"video", "generat", "rl"}),
        ("On It", set()),
    ],
)
def test_what_is_learned_of_a_title_are_its_nouns_and_names(title: str, nouns: set[str]) -> None:
    assert list_noun_stems(title) == nouns
