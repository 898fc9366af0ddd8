"""Which papers a topic finds, which it must not, and the words that show it."""

from __future__ import annotations

from typing import Any

import pytest

from subscribers.topics import (
    Text,
    TopicMatch,
    find_alike,
    find_near,
    find_topic,
    finding,
    parse_topic,
    read_text,
)
from subscribers.topics.terms import Term


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("diffusion policy", "Two Diffusion-Policies compared"),
        ("Diffusion Policy", "a diffusion policy"),
        ("llm agents", "LLM agents"),
        ("rag", "RAG"),  # small letters find any
        ("sam", "Sam and SAM"),
        ("language model", "language modeling"),
        ("pre-training", "we pretrain and pre-train"),
        ("pretraining", "pre-training"),
        ("autoencoder", "auto-encoders"),
        ("sim-to-real", "Sim2Real"),
        ("text-to-image", "text‑to–image"),
        ("actor-critic", "Actor–Critic"),
        ("LLM-based agents", "(LLM)-based agents"),
        ("GPT-4", "GPT4"),
        ("3D", "a 3-D scene"),
        ("β-VAE", "$\\beta$-VAE and β-VAE"),
        ("Frechet inception distance", "the Fréchet Inception Distance"),
        ("optimisation", "Optimization"),
        ("扩散模型", "关于扩散模型的研究"),
        ("O'Reilly", "O’Reilly’s book"),
        ("matrix", "Matrices"),
        ("gpu", "GPUs"),
        ("k-means", "K-Means clustering"),
        ("world model", "world\nmodels"),
        ('"in-context learning"', "In Context Learning"),
        ("actor critic", "*actor* critic"),
        ("transformer -power", "Transformers"),
        ("policy -diffusion", "Policies"),
    ],
)
def test_a_phrase_is_found_in_another_number_ending_case_or_spelling(topic: str, text: str) -> None:
    assert find_topic(parse_topic(topic), Text(text))
    assert find_topic(parse_topic(topic), Text("", text))


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("diffusion policy", "diffusion. Policy"),
        ("diffusion policy", "diffusion, policy"),
        ("diffusion policy", "diffusion (policy)"),
        ("diffusion policy", "policy diffusion"),
        ("diffusion policy", "diffusion of a policy"),
        ("transformer", "we transform data"),
        ("generalization", "in general"),
        ("exploration", "we explore"),
        ("news", "a new way"),
        ("policy", "the police"),
        ("agent", "agency"),
        ('"language models"', "a language model"),
        ('"language model"', "language modeling"),
        ("PointNet", "PointNet++"),
        ("GPT-4", "GPT-4.5"),
        ("transformer -power", "Transformers for power grids"),
        ('robots -"rescue team"', "robots in a rescue team"),
        ("agents + tools", "agents alone"),
        ("title:survey", ""),
    ],
)
def test_what_a_reader_would_not_accept_is_not_found(topic: str, text: str) -> None:
    assert not find_topic(parse_topic(topic), Text("", text))
    assert not find_topic(parse_topic(topic), Text("A title", text))


PAPER = Text(
    "A survey of agents",
    "Tools of the trade.",
    ("Yann A. LeCun", "José Müller", "Wei Li", "王小明"),
    "NVIDIA Research",
    ("cs.CL", "stat.ML", "cond-mat.mes-hall"),
)


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ('author:"Yann LeCun"', ("Yann A. LeCun",)),
        ('author:"LeCun Yann"', ("Yann A. LeCun",)),
        ('author:"Y. LeCun"', ("Yann A. LeCun",)),
        ("author:lecun", ("Yann A. LeCun",)),
        ("author:muller", ("José Müller",)),
        ("author:王小明", ("王小明",)),
        ("org:nvidia", ("NVIDIA Research",)),
        ('org:"nvidia research"', ("NVIDIA Research",)),
        ("cat:cs.CL", ("cs.CL",)),
        ("cat:cs", ("cs.CL",)),
        ("cat:cond-mat", ("cond-mat.mes-hall",)),
        ("title:survey", ("survey",)),
        ('title:"survey of agents"', ("survey of agents",)),
        ("author:lecun + tools + cat:stat", ("Yann A. LeCun", "Tools", "stat.ML")),
        ("agents -cat:math -author:bengio", ("agents",)),
    ],
)
def test_a_field_is_found_and_shown_as_the_paper_spells_it(
    topic: str, words: tuple[str, ...]
) -> None:
    found = find_topic(parse_topic(topic), PAPER)
    assert found
    assert found.words == words


@pytest.mark.parametrize(
    "topic",
    [
        "author:yan",
        'author:"Yann Li"',
        'author:"X. LeCun"',
        "author:nvidia",
        "org:nvid",
        "org:lecun",
        "cat:c",
        "cat:cs.LG",
        "cat:cs.CLX",
        "title:tools",
        "agents -cat:cs",
        "agents -author:lecun",
        "survey -title:survey",
    ],
)
def test_a_field_finds_only_what_stands_in_it(topic: str) -> None:
    assert not find_topic(parse_topic(topic), PAPER)


def test_the_words_are_shown_as_the_paper_spells_them_each_spelling_once() -> None:
    text = Text("World Models", "A world-model and the world models of a WORLD MODEL.")
    found = find_topic(parse_topic("world model"), text)
    assert found
    assert found.words == ("World Models", "world-model", "WORLD MODEL")


def test_a_phrase_spelled_as_typed_comes_before_another_ending() -> None:
    topic = parse_topic("robotic hand")
    typed = find_topic(topic, Text("On rest", "The robotic hand sleeps."))
    other = find_topic(topic, Text("On rest", "The robot hands sleep."))
    assert typed
    assert other
    assert typed.strength > other.strength


def test_a_topic_by_itself_comes_before_one_within_a_longer_name() -> None:
    topic = parse_topic("autoencoder")
    alone = find_topic(topic, Text("On rest", "The autoencoder is trained by us."))
    within = find_topic(topic, Text("On rest", "The variational autoencoder trained us."))
    assert alone
    assert within
    assert alone.strength > within.strength


def test_a_near_find_is_weaker_than_every_other_and_no_find_for_a_digest() -> None:
    topic = parse_topic("diffusion policy")
    near = find_near(topic, Text("Diffusion: a policy of diffusion, policy", "diffusion. policy."))
    far = find_near(topic, Text("Else", "Something else. " * 60 + "A diffusion policy."))
    assert near
    assert far
    assert near.is_near
    assert not far.is_near
    assert near.strength < far.strength
    assert not find_topic(topic, Text("Diffusion: a policy"))
    assert not find_near(topic, Text("Nothing of it"))
    assert not find_near(parse_topic("title:diffusion"), Text("", "diffusion"))
    assert not find_near(parse_topic('"a policy"'), Text("", "policy"))


def test_a_paper_without_the_words_may_be_alike_unless_the_topic_shuts_it_out() -> None:
    other = Text("Something else", "It is red.")
    alike = find_alike(parse_topic("diffusion policy + robots"), other)
    assert alike == TopicMatch(0.0, (), is_near=True)
    assert find_alike(parse_topic("something else -green"), other) == find_topic(
        parse_topic("something else"), other
    )
    for topic in ("policy -red", "title:policy", '"a policy"', "author:lecun + policy"):
        assert find_alike(parse_topic(topic), other) is None


def test_what_many_topics_have_in_common_is_looked_for_once_in_a_paper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_for: list[str] = []
    look = finding._find_term

    def note(term: Term, *reading: Any) -> TopicMatch | None:
        looked_for.append(term.typed)
        return look(term, *reading)

    monkeypatch.setattr(finding, "_find_term", note)
    reading = read_text(Text("World models of robots"))
    queries = ("world models", "world models + robots", "world models -sea", "robots -sea")
    found = [find_topic(parse_topic(query), reading) is not None for query in queries]
    assert found == [True, True, True, True]
    assert sorted(looked_for) == ["robots", "sea", "world models"]


def test_terms_that_are_typed_alike_and_mean_different_things_are_kept_apart() -> None:
    reading = read_text(Text("Worlds model of robots"))
    loose, exact = parse_topic("title:world-model"), parse_topic('title:"world-model"')
    assert loose.wanted[0].typed == exact.wanted[0].typed
    assert find_topic(loose, reading) is not None
    assert find_topic(exact, reading) is None


def test_each_word_that_shows_a_topic_is_named_once() -> None:
    near = find_near(parse_topic("learning to learn"), Text("Learning from robots"))
    assert near
    assert near.words == ("Learning",)
    twice = find_near(parse_topic("author:Lovelace"), Text("A title", "", ("Ada Lovelace",) * 2))
    assert twice
    assert twice.words == ("Ada Lovelace",)


def test_who_is_nobody_of_the_authors_is_not_looked_for_name_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "is_author", None)
    paper = Text("A title", "", ("Ada Lovelace", "Jürgen Becker"))
    assert find_topic(parse_topic('author:"Ada Becker-Long"'), paper) is None
