"""What is typed as to another search, and the sentences that say what to type."""

from __future__ import annotations

import pytest

from subscribers.topics import TopicError, explain_reading, parse_topic
from subscribers.topics.arxiv_categories import CATEGORY_NAMES


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("cs.CV", "type cat:cs.CV"),
        ("cs.cv", "type cat:cs.CV"),
        ("quant-ph", "type cat:quant-ph"),
        ("robots + cond-mat.soft", "type cat:cond-mat.soft"),
        ("papers in cs.RO", "type cat:cs.RO"),
        ("rag or agents", "make two topics of it, rag and agents"),
        ("RAG or tool use", "make two topics of it, RAG and tool use"),
        ("AI|ML", "two topics for one or the other"),
        ("papers about robots", "type only what papers are about, robots."),
        ("new papers on protein folding", "what papers are about, protein folding."),
        ("I'm interested in ants", "what papers are about, ants."),
        ("I work on graph networks", "what papers are about, graph networks."),
        ("My research is on ants", "what papers are about, ants."),
        ("anything about bees", "what papers are about, bees."),
        ("https://arxiv.org/abs/2604.01234", "is the address or number of a paper"),
        ("10.1101/2026.04.01.123456", "is the address or number of a paper"),
        ("arXiv:2604.01234v2", "is the address or number of a paper"),
        ("ada@example.org", "is an email address"),
        (r"\mathcal{O}(n)", "“\\mathcal” is TeX"),
        ("not transformers", "such as “diffusion -transformers”. If you mean these very words"),
        ("Anything but graph networks", 'such as “diffusion -"graph networks"”.'),
        ("without labels", "“without labels” only says what to leave out"),
    ],
)
def test_what_no_text_says_is_refused_with_what_to_type(typed: str, told: str) -> None:
    with pytest.raises(TopicError) as refusal:
        parse_topic(typed)
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    "typed",
    [
        '"cs.CV"',
        '"rag or agents"',
        "path planning for multiple mobile robots or agents",
        "research on teaching",
        "news recommendation",
        "work in progress",
        '"not transformers"',
        "no free lunch",
        "sampling without replacement",
        "notation",
        r"\alpha-divergence",
        "cs",
    ],
)
def test_what_a_text_may_say_is_a_topic(typed: str) -> None:
    assert parse_topic(typed).wanted


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("rag and tool use", "type rag + tool use"),
        ("RAG, agents", "A comma does not join topics"),
        ('"rag and tool use"', ""),
        ("N,N-dimethylformamide", ""),
        ("diffusion policy", ""),
        ("robots + rock and roll", "type rock + roll"),
    ],
)
def test_an_and_is_a_topic_and_its_reading_is_told(typed: str, told: str) -> None:
    said = explain_reading(parse_topic(typed))
    assert told in said
    assert bool(said) == bool(told)


def test_every_category_of_arxiv_can_be_asked_for() -> None:
    assert len(CATEGORY_NAMES) > 150
    for name in CATEGORY_NAMES.values():
        assert parse_topic(f"cat:{name}").wanted[0].field == "cat"
