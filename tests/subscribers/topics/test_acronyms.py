"""Acronyms are learned from papers, and stand for their long forms."""

from __future__ import annotations

import pytest

from subscribers.topics import (
    ParsedTopic,
    Text,
    TopicIndex,
    find_topic,
    is_topic_in,
    learn_acronyms,
    list_also_found,
    normal_form,
    parse_topic,
    read_text,
)
from subscribers.topics.acronyms import are_one_sense
from subscribers.topics.all_forms import list_all_forms
from subscribers.topics.also_found import Relation

SPELLED_OUT = [
    "Large language models (LLMs) reason.",
    "We train large language models (LLM).",
    "LLMs (large language models) again.",
]


def test_an_acronym_that_papers_spell_out_finds_its_long_form_and_the_reverse() -> None:
    acronyms = learn_acronyms(SPELLED_OUT)
    long = read_text(Text("Agents of a Large Language Model"), acronyms)
    short = read_text(Text("LLM-based agents use LLMs"), acronyms)
    assert find_topic(parse_topic("LLM"), long)
    assert find_topic(parse_topic("LLM"), long).words == ("Large Language Model",)
    assert find_topic(parse_topic("large language model"), short).words == ("LLM", "LLMs")
    assert find_topic(parse_topic("large language model based agents"), short)
    assert find_topic(
        parse_topic("LLM agents -chess"), read_text(Text("Large language model agents"), acronyms)
    )
    assert not find_topic(parse_topic("large language"), short)
    assert not find_topic(
        parse_topic("LLM"), Text("Large language models")
    )  # nobody has spelled it out


def test_quotes_and_small_letters_switch_acronyms_off() -> None:
    long = read_text(Text("A large language model"), learn_acronyms(SPELLED_OUT))
    assert not find_topic(parse_topic('"LLM"'), long)
    assert find_topic(parse_topic('"LLM"'), Text("What LLMs know"))
    assert not find_topic(parse_topic('"LLMs"'), Text("An LLM"))
    assert not find_topic(parse_topic("llm"), long)
    short = read_text(Text("An LLM"), learn_acronyms(SPELLED_OUT))
    assert not find_topic(parse_topic('"large language model"'), short)


@pytest.mark.parametrize(
    ("short", "text"),
    [
        ("GAN", "generative adversarial networks (GANs)"),
        ("VAE", "a variational autoencoder (VAE)"),
        ("VAE", "a variational auto-encoder (VAE)"),
        ("LoRA", "low-rank adaptation (LoRA)"),
        ("BERT", "Bidirectional Encoder Representations from Transformers (BERT)"),
        ("SLAM", "simultaneous localization and mapping (SLAM)"),
        ("CoT", "chain-of-thought (CoT)"),
        ("MARL", "multi-agent reinforcement learning (MARL)"),
        ("RAG", "RAG (retrieval-augmented generation)"),
    ],
)
def test_the_letters_of_an_acronym_come_from_its_words(short: str, text: str) -> None:
    assert learn_acronyms([f"On {text}."] * 3).long_forms.keys() == {short}


@pytest.mark.parametrize(
    "text",
    [
        "robust control (MPC)",  # other letters
        "a model (see PID control)",
        "results (Table II)",
        "many models (e.g., GPT)",
        "networks (GN)",  # one word
        "We stop. Generative adversarial. Networks (GAN)",  # not one phrase
        "a cat (cat)",
        "k nearest neighbours (kNN)",  # written closed it is two words to us
        "empty ()",
        "(LLM)",
    ],
)
def test_an_acronym_is_never_guessed(text: str) -> None:
    assert not learn_acronyms([text] * 3)


SSL = ["self-supervised learning (SSL)"] * 4 + ["semi-supervised learning (SSL)"] * 4


def test_an_acronym_counts_only_when_enough_papers_agree() -> None:
    gan = "generative adversarial networks (GAN)"
    assert not learn_acronyms([f"{gan} {gan} {gan}"] * 2)
    assert learn_acronyms([gan] * 3)
    assert not learn_acronyms(SSL).long_forms
    assert learn_acronyms([*SSL[:7], SSL[0]]).long_forms["SSL"]


LLM = "Large language models (LLMs)"
ACRONYMS = learn_acronyms([f"{LLM} {n}" for n in range(4)] + ["Reinforcement Learning (RL)"] * 3)


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("LLM", [("LLM", "large language model", 4, '"LLM"')]),
        ("LLM agents", [("LLM", "large language model", 4, '"LLM agents"')]),
        (
            "Large Language Model agents",
            [("large language model", "LLM", 4, '"large language model agents"')],
        ),
        ("agents -RL", [("RL", "reinforcement learning", 3, '"RL"')]),
        ("large-language-model", [("large-language-model", "LLM", 4, '"large-language-model"')]),
        ('"LLM"', []),
        ("llm", []),
        ("author:llm", []),
        ("language model", []),
    ],
)
def test_a_topic_says_what_else_it_finds_and_how_to_switch_that_off(
    topic: str, told: list[tuple[str, str, int, str]]
) -> None:
    assert [found[:4] for found in list_also_found(parse_topic(topic), ACRONYMS)] == told
    for *_, only in told:
        assert list_also_found(parse_topic(only), ACRONYMS) == []


RAGS = ["Retrieval-augmented generation (RAG).", "On retrieval augmented generation (RAG)."] * 2


@pytest.mark.parametrize(
    ("abstract", "is_found"),
    [
        ("RAG answers.", True),
        ("Retrieval-augmented generation (RAG) answers.", True),
        ("Retrieval-augmented generator (RAG) answers.", True),  # but for an ending
        ("A region adjacency graph (RAG) of pixels. RAG is fast.", False),
        ("A region adjacency graph (RAG), not retrieval-augmented generation (RAG).", True),
    ],
)
def test_a_paper_that_spells_an_acronym_out_as_something_else_is_no_find(
    abstract: str, is_found: bool
) -> None:
    reading = read_text(Text("A paper", abstract), learn_acronyms(RAGS))
    for query in ("RAG", "retrieval-augmented generation", "RAG + paper"):
        assert bool(find_topic(parse_topic(query), reading)) is is_found
        assert is_topic_in(parse_topic(query), reading) is is_found
    assert find_topic(parse_topic('"RAG"'), reading)  # the letters, whatever they stand for


VLM = ["vision-language models (VLMs)"] * 5 + ["visual language models (VLM)"] * 3
VLMS = learn_acronyms([*VLM, *["variable loop monitoring (VLM)"] * 3, "very long map (VLM)"])


@pytest.mark.parametrize("topic", ["VLM", "vision-language model", "visual language model"])
def test_all_long_forms_of_an_acronyms_usual_sense_are_one(topic: str) -> None:
    """Eight papers of twelve mean it, though no long form of it has 60 of 100."""
    parsed = parse_topic(topic)
    index = TopicIndex()
    index.add_topic(1, parsed)
    for text in ("A VLM that sees", "Vision-language models see", "A visual language model"):
        reading = read_text(Text(text), VLMS)
        assert is_topic_in(parsed, reading)
        assert index.find_candidates(reading.normal_form, reading.text, VLMS) == {1}
        assert any(f" {form} " in reading.normal_form for form in list_forms(parsed))
    reading = read_text(Text("VLM", "Variable loop monitoring (VLM) of rivers"), VLMS)
    assert not find_topic(parsed, reading)
    assert not find_topic(parsed, read_text(Text("Variable loop monitoring"), VLMS))


VLM_TOPIC = parse_topic("VLM")


def list_forms(topic: ParsedTopic) -> list[str]:
    return list_all_forms(topic.wanted[0], VLMS)


def test_long_forms_that_only_begin_alike_are_not_made_one() -> None:
    learned = learn_acronyms(["contrastive learning (CL)"] * 5 + ["continual learning (CL)"] * 3)
    assert learned.long_forms["CL"] == (tuple(normal_form("contrastive learning").split()),)


def test_an_acronym_within_a_long_form_is_read_as_what_it_stands_for() -> None:
    multi = ["multimodal large language models (MLLMs)"] * 4
    learned = learn_acronyms([*SPELLED_OUT, *multi, *["multimodal LLMs (MLLMs)"] * 3])
    assert not learned.other_senses
    reading = read_text(Text("Seeing", "MLLMs: multimodal LLMs (MLLMs) see."), learned)
    assert find_topic(parse_topic("MLLM"), reading)


def test_the_other_senses_of_an_acronym_are_kept_and_said() -> None:
    told = {(one.other, one.papers, one.relation) for one in list_also_found(VLM_TOPIC, VLMS)}
    assert told == {
        ("vision-language model", 5, Relation.SPELLED_OUT),
        ("visual language model", 3, Relation.SPELLED_OUT),
        ("variable loop monitoring", 3, Relation.LEFT_OUT),
    }
    assert list_also_found(parse_topic('"VLM"'), VLMS) == []


def test_an_acronym_of_no_usual_sense_finds_its_letters_and_offers_each_sense() -> None:
    learned = learn_acronyms(SSL)
    assert not learned.long_forms
    assert not find_topic(parse_topic("SSL"), read_text(Text("Self-supervised learning"), learned))
    told = list_also_found(parse_topic("SSL of speech + planning"), learned)
    assert [(one.other, one.relation) for one in told] == [
        ("self-supervised learning", Relation.POSSIBLE),
        ("semi-supervised learning", Relation.POSSIBLE),
    ]
    assert told[1].instead == "semi-supervised learning of speech + planning"


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("vision language model", "visual language model", True),
        ("mixture of experts", "mixture experts", True),
        ("large language model", "large frozen language model", True),
        ("self supervised learning", "semi supervised learning", False),
        ("reinforcement learning", "representation learning", False),
        ("visual question answering", "video question answering", False),
        ("generative adversarial network", "graph attention network", False),
    ],
)
def test_two_long_forms_are_one_sense_or_two(one: str, other: str, is_one: bool) -> None:
    forms = [tuple(normal_form(form).split()) for form in (one, other)]
    assert are_one_sense(*forms) is is_one
    assert are_one_sense(*reversed(forms)) is is_one
