"""Which endings and capitals papers use alike."""

from __future__ import annotations

import pytest

from subscribers.topics.learn_variants import learn_forms, learn_variants
from tests.subscribers.topics.two_fields import write_both_fields, write_papers


def learn(*texts: str) -> list[tuple[str, str, str]]:
    learned = learn_variants([*write_both_fields(), *texts]).learned
    return [(one.kind, one.spelled, one.other_spelled) for one in learned]


def test_endings_that_the_same_papers_use_are_one() -> None:
    both = write_papers("baking", "robust rye and its robustness", count=6)
    assert learn(*both) == [
        ("ending", "robust", "robustness"),
        ("ending", "robustness", "robust"),
    ]


@pytest.mark.parametrize(
    "texts",
    [
        # of one stem, in papers of two fields
        [
            *write_papers("baking", "general rye", count=6),
            *write_papers("stars", "a generality", count=6),
        ],
        # what somebody does is not what papers are about
        write_papers("baking", "we explore an exploration", count=6),
        # of two stems
        write_papers("baking", "a policy for police", count=6),
        # four papers
        write_papers("baking", "robust rye and its robustness", count=4),
    ],
)
def test_endings_that_papers_use_otherwise_are_not(texts: list[str]) -> None:
    assert [one for one in learn(*texts) if one[0] == "ending"] == []


def test_an_ending_much_more_frequent_than_the_one_typed_is_not_added_to_it() -> None:
    texts = [
        *write_papers("baking", "an agentic oven and an agent", count=6),
        *write_papers("baking", "an agent", count=9),
    ]
    assert learn(*texts) == [("ending", "agent", "agentic")]


def test_capitals_do_not_count_where_papers_without_them_are_about_the_same() -> None:
    texts = [
        *write_papers("baking", "by OvenNet", count=9),
        *write_papers("baking", "by ovennet", count=3),
    ]
    assert learn(*texts) == [("name", "OvenNet", "ovennet")]


@pytest.mark.parametrize(
    ("name", "word"), [("GloVe", "glove"), ("CLIP", "clip"), ("FiLM", "film"), ("FiLM", "films")]
)
def test_they_count_where_the_word_means_something_else(name: str, word: str) -> None:
    texts = [
        *write_papers("baking", f"by {name}", count=9),
        *write_papers("stars", f"a {word}", count=4),
    ]
    assert learn(*texts) == []


def test_few_papers_teach_no_endings_and_no_names() -> None:
    texts = write_papers("baking", "by OvenNet", "by ovennet", count=10)
    assert learn_variants(texts).learned == ()


def test_the_same_papers_teach_the_same_with_their_acronyms() -> None:
    texts = ["Large language models (LLMs).", "A re-ranking.", "On reranking.", "Re-ranking."] * 3
    learned = learn_forms(texts)
    assert learned == learn_forms(iter(texts))
    assert learned.long_forms.keys() == {"LLM"}
    assert [one.spelled for one in learned.variants.learned] == ["reranking"]
