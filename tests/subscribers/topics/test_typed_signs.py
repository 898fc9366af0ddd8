"""Signs in a topic that are none of its operators."""

from __future__ import annotations

import pytest

from subscribers.topics import parse_topic
from subscribers.topics.typed_signs import drop_acronym, read_signs


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Na+/K+-ATPase", "Na⁺/K⁺-ATPase"),
        ("CD4+", "CD4⁺"),
        ("NAD+", "NAD⁺"),
        ("K+ channels", "K⁺ channels"),
        ("[2+2] cycloaddition", "[2⁺2] cycloaddition"),
        ("e+e- collisions", "e⁺e- collisions"),
        ("(+)-catechin", "(⁺)-catechin"),
        ("agents + tool use", "agents + tool use"),
        ("tool use+agents", "tool use+agents"),
        ("RAG+ agents", "RAG+ agents"),
        ("CO<sub>2</sub>", "CO2"),
        ("10<sup>6</sup> cells", "10^6 cells"),
        ("R&amp;D", "R&D"),
        ("R&D", "R&D"),
    ],
)
def test_charges_and_markup_are_read_and_operators_stay(typed: str, read: str) -> None:
    assert read_signs(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("large language models (LLMs)", "large language models"),
        ("LLM (large language model)", "large language model"),
        ("graph neural networks (GNN)", "graph neural networks"),
        ("large language models (LLMs) in law", "large language models (LLMs) in law"),
        ("Fe(III)", "Fe(III)"),
        ("transformers (BERT)", "transformers (BERT)"),
    ],
)
def test_an_acronym_that_the_topic_spells_out_is_left_out(typed: str, read: str) -> None:
    assert drop_acronym(typed) == read


def test_in_quotes_the_acronym_stays() -> None:
    assert len(parse_topic('"large language models (LLMs)"').wanted[0].words) == 4
    assert len(parse_topic("large language models (LLMs)").wanted[0].words) == 3
