"""Topics of many fields and texts that they must find or must not: the table in cases.txt."""

from __future__ import annotations

from pathlib import Path

import pytest

from subscribers.topics import (
    Reading,
    Text,
    TopicIndex,
    find_topic,
    learn_forms,
    parse_topic,
    read_text,
)
from tests.subscribers.topics.two_fields import write_both_fields, write_papers

CASES = [
    [part.strip() for part in line.split(" | ")]
    for line in (Path(__file__).parent / "cases.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
# What papers write, from which the table's variants and acronyms are learned.
WRITTEN = [
    *["On reranking", "Re-ranking", "A re-ranking step"],
    *["Xray", "An x-ray", "An x-ray"],
    *["Healthcare", "Health-care", "Health care costs"],
    *["Multihop", "A multi-hop question", "Multi-hop"],
    *["A setup", "Another setup", "The set-up"],
    *["Large language models (LLMs)", "Reinforcement learning (RL)"] * 3,
    *["Magnetic resonance imaging (MRI)"] * 3,
    *["An fMRI study", "A q-PCR assay", "Messenger RNA"],
    *write_papers("baking", "its robust robustness", count=6),
    *write_papers("baking", "by PyTorch on ImageNet", count=9),
    *write_papers("baking", "by pytorch on imagenet", count=3),
    *write_papers("baking", "with GloVe and CLIP", count=6),
    *write_papers("stars", "a glove, a clip", count=3),
    *write_papers("baking", "implicit neural representation", count=3),
    *write_papers("baking", "neural implicit representation", count=3),
]
LEARNED = learn_forms([*write_both_fields(), *WRITTEN])


def read_case(text: str) -> Reading:
    field, _, rest = text.partition(" ")
    if field == "by":
        paper = Text("A title", authors=tuple(rest.split("; ")))
    elif field == "at":
        paper = Text("A title", organization=rest)
    elif field == "in":
        paper = Text("A title", categories=(rest,))
    else:
        paper = Text(text)
    return read_text(paper, LEARNED)


def test_the_table_holds_250_cases_each_once() -> None:
    assert len(CASES) >= 250
    assert len({(topic, text) for topic, text, *_ in CASES}) == len(CASES)
    assert {verdict for *_, verdict, _ in CASES} == {"found", "not"}


@pytest.mark.parametrize(("query", "text", "verdict", "why"), CASES)
def test_a_topic_finds_what_it_should_and_nothing_else(
    query: str, text: str, verdict: str, why: str
) -> None:
    topic, reading = parse_topic(query), read_case(text)
    assert bool(find_topic(topic, reading)) == (verdict == "found"), why
    if verdict == "found":
        index = TopicIndex()
        index.add_topic(1, topic)
        assert index.find_candidates(reading.normal_form, reading.text, LEARNED) == {1}, why
