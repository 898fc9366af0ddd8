"""What a topic says it finds besides what was typed; acronyms in test_acronyms."""

from __future__ import annotations

import pytest

from subscribers.topics import find_kinds, list_also_found, parse_topic
from tests.subscribers.topics.test_variants import FORMS


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("reranking", [("reranking", "re-ranking", 6, '"reranking"')]),
        ("passage re-ranking", [("re-ranking", "reranking", 8, '"passage re-ranking"')]),
        ("setup", [("setup", "set-up", 3, '"setup"')]),
        ("set up", []),
        ("robustness", [("robustness", "robust", 9, '"robustness"')]),
        ("robust", []),
        ("robustness of agents", []),
        ("PyTorch", [("PyTorch", "pytorch", 3, '"PyTorch"')]),
        (
            "neural implicit representation",
            [
                (
                    "neural implicit representation",
                    "implicit neural representation",
                    9,
                    '"neural implicit representation"',
                )
            ],
        ),
        ('"reranking"', []),
        ("author:setup", []),
    ],
)
def test_a_topic_says_which_variants_it_finds_and_how_to_switch_them_off(
    topic: str, told: list[tuple[str, str, int, str]]
) -> None:
    found = list_also_found(parse_topic(topic), FORMS)
    assert [one[:4] for one in found] == told
    assert all(one.is_variant for one in found)
    for *_, only in told:
        assert list_also_found(parse_topic(only), FORMS) == []


def test_a_topic_says_by_which_kinds_papers_are_found_and_how_to_switch_them_off() -> None:
    found = find_kinds(parse_topic("image restoration"))
    assert found
    assert found.other.split(", ")[:2] == ["denoising", "deblurring"]
    assert found.papers > len(found.other.split(", "))
    assert found.only == found.instead == '"image restoration"'
    for exact in ('"image restoration"', "title:SAR", "image restoration + video", "cups"):
        assert find_kinds(parse_topic(exact)) is None
    few = find_kinds(parse_topic("dehazing"))
    assert few
    assert (few.other, few.papers) == ("haze, fog removal, defogging, hazy", 0)
