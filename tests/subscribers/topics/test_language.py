"""What people type, and what they are told when it cannot be looked for."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscribers.topics import TopicError, language, parse_topic, slugify_topic
from tests.properties import examples

# Small letters: words in every paper, single letters, compounds written closed, operators.
PLAIN = ["the", "of", "a", "x", "multimodal", "pretraining", "world", "models", "rag", "author"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("diffusion policy", "Diffusion Policies"),
        ("diffusion policy", "diffusion-policy"),
        ("diffusion policy", "  diffusion   policy "),
        ("pre-training", "pretraining"),
        ("multi-modal learning", "multimodal learning"),
        ("k-NN", "kNN"),
        ("text-to-image", "text‐to‑image"),
        ("agents + tool use", "tool use+agents"),
        ("agents + agents", "agent"),
        ("RAG", "RAGs"),
        ("optimisation", "optimization"),
        ("behaviour cloning", "behavior cloning"),
        ("organisation", "organization"),
        ("quantised", "quantized"),
        ("dialogue systems", "dialog systems"),
        ("analysing", "analyzing"),
        ("modelling", "modeling"),
        ("centre", "centers"),
        ("paediatrics", "pediatrics"),
        ("programmes", "programs"),
        ("Fréchet distance", "Frechet distance"),
        ("β-VAE", "beta-VAE"),
        ("ＡＩ ｓａｆｅｔｙ", "AI safety"),
        ("“in-context learning”", '"in context learning"'),
        ('author:"Yann LeCun"', 'AUTHOR: "yann lecun"'),
        ('author:"Yann LeCun"', "author:Yann LeCun"),
        ('author:"Laurens van der Maaten" + t-SNE', "author:Laurens van der Maaten + t-SNE"),
        ('author:"Y. LeCun"', "author:Y. LeCun"),
        ('org:"Google DeepMind" + robots', "org:Google DeepMind robots"),
        ("org:nvidia + robots", "org:nvidia robots"),
        ("cat:cs.CL", "cat:CS.cl"),
        ("cat:cs", "cat:cs.*"),
        ("robots -surgical -arms", "robot -arms -surgical"),
        ("robots -surgery", "robots −surgery"),
        ("LARGE LANGUAGE MODELS", "large language models"),
    ],
)
def test_topics_that_mean_the_same_have_one_normal_form(one: str, other: str) -> None:
    assert parse_topic(one).normal_form == parse_topic(other).normal_form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RAG", "rag"),
        ("LoRA", "lora"),
        ("C++", "C#"),
        ("3D", "4D"),
        ("GPT-4", "GPT-4.5"),
        ("diffusion policy", '"diffusion policy"'),
        ("transformer", "transform"),
        ("LLM", '"LLM"'),
        ('"LLM"', '"LLMs"'),
        ("title:survey", "survey"),
        ('title:"survey"', '"survey"'),
        ("author:lee", "org:lee"),
        ("agents -tools", "agents + tools"),
        ("tool use", "tool + use"),
        ("analyses", "analyzes"),
        ("noise", "nose"),
        ("扩散模型", "扩散"),
    ],
)
def test_topics_that_mean_something_else_do_not(one: str, other: str) -> None:
    assert parse_topic(one).normal_form != parse_topic(other).normal_form


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "The topic is empty: type a few words"),
        (" \t ", "The topic is empty"),
        ("-power", "only says what to leave out: begin with what to find"),
        ('-"power grid" -x1', "only says what to leave out"),
        ('"in-context', 'is not closed: type " at its end'),
        ('agents + "', "is not closed"),
        ('""', "nothing between the quotes"),
        ('" "', "nothing between the quotes"),
        ("foo:bar", "There is no field “foo:”. The fields are author:, org:, cat: and title:"),
        ("https://example.org", "is the address or number of a paper, and no topic"),
        ("x" * 201, "201 characters long, and 200 is the most"),
        ("the", "“the” is in every paper: add the words"),
        ("of the", "is in every paper"),
        ("the + diffusion", "“the” is in every paper"),
        ('"the"', "is in every paper"),
        ("robots -the", "“the” is in every paper"),
        ("title:the", "is in every paper"),
        ("k", "“k” is one letter and would find too much"),
        ("R", "is one letter"),
        ("agents\x00", "control character"),
        ("agents\x1b[0m", "control character"),
        ("a\ud800b", "control character"),
        ("agents +", "A plus sign needs something on both sides"),
        ("+ agents", "A plus sign needs"),
        ("agents + + tools", "A plus sign needs"),
        ("agents ++ tools", "A plus sign needs"),
        ("diffusion - policy", "A minus sign stands alone"),
        ("diffusion -", "A minus sign stands alone"),
        ("!!!", "“!!!” holds no word"),
        ('"?!"', "holds no word"),
        ("author:", 'Nothing stands after author: Type what to look for, such as author:"Yann'),
        ("cat:", "such as cat:cs.CL"),
        ("ORG:", "such as org:nvidia"),
        ('cat:"computer science"', "is not a category: type one such as cat:cs.CL"),
        ("author:yann lecun", 'into quotes: author:"yann lecun"'),
        ("author:Hinton GAN", 'If GAN is not part of it, type author:"Hinton" + GAN'),
        ("author:Yann LeCun world model", 'type author:"Yann LeCun" + world'),
        ("org:nvidia Research", 'into quotes: org:"nvidia Research"'),
        ('author:"Y. L."', "is only initials"),
        ("video -video", "asks for “video” and leaves it out"),
        ("LLM -LLM", "asks for “LLM” and leaves it out"),
        ('Agents + "tool use" -"tool use"', 'asks for “"tool use"” and leaves it out'),
    ],
)
def test_a_bad_topic_is_answered_with_what_is_wrong_and_what_to_type(typed: str, told: str) -> None:
    with pytest.raises(TopicError) as error:
        parse_topic(typed)
    assert told in str(error.value)
    assert str(error.value).endswith(".")


def test_the_query_is_cleaned_for_display() -> None:
    assert parse_topic(" “in-context\u200b  learning”\u00a0+ x-rays ").query == (
        '"in-context learning" + x-rays'
    )


def test_a_hyphen_inside_a_word_leaves_nothing_out() -> None:
    topic = parse_topic("text-to-image x-ray")
    assert not topic.unwanted
    assert len(topic.wanted) == 1


def test_a_word_behind_a_left_out_one_is_wanted() -> None:
    topic = parse_topic("robot manipulation -surgical arm")
    assert [term.key for term in topic.wanted] == ["robot manipul", "arm"]
    assert [term.key for term in topic.unwanted] == ["surgical"]


@pytest.mark.parametrize(
    "typed", ["LLM agents AND retrieval", "NOT survey", "cats OR dogs", "cats | dogs", "a && b"]
)
def test_the_words_that_join_elsewhere_are_answered_with_ours(typed: str) -> None:
    with pytest.raises(TopicError, match=r"is not needed: type agents \+ tool use for both"):
        parse_topic(typed)


def test_words_that_only_look_like_them_are_looked_for() -> None:
    for typed in ("hearts and minds", '"AND" gates', "NAND gates", "cat:cs.OR"):
        assert parse_topic(typed).wanted


@pytest.mark.parametrize(
    "typed",
    ["C++", "C#", "3D", "GPT-4", "k-NN", "β-VAE", "脑", "扩散模型", "R&D", "O'Reilly", "ﬁne"],
)
def test_real_names_are_topics(typed: str) -> None:
    assert parse_topic(typed).normal_form


def test_a_normal_form_is_never_longer_than_its_column() -> None:
    long = " + ".join(["ﷺ" * 60, "ﷺ" * 61, "ﷺ" * 62])
    forms = {parse_topic(long).normal_form, parse_topic(long[:-1]).normal_form}
    assert len(forms) == 2
    assert max(map(len, forms)) <= 600


def test_a_slug_is_readable_where_the_words_allow_it() -> None:
    assert slugify_topic("diffusion policy") == "diffusion-policy"
    assert slugify_topic("Text-to-Image  models") == "text-to-image-models"
    assert slugify_topic("Fréchet distance") == "frechet-distance"


def test_different_topics_have_different_slugs() -> None:
    topics = ["C++", "C#", "c", "扩散", "模型", "a + b", "a -b", 'a "b"', "a b", "cat:cs", "org:cs"]
    topics += ["x" * 200, "x" * 199, "-a b", "a b -c", "a b c"]
    assert len({slugify_topic(topic) for topic in topics}) == len(topics)


TYPED = st.text(
    st.sampled_from("abcRAG \"+-:.#'3é中βﬁﷺ½\u0301\u200d\x00\ud800\t author:cat:“”—"), max_size=40
)


@given(st.text(max_size=250) | TYPED)
@example("C++ + C#")
@example('"+" + "-"')
@example("0A\u200b\u0300")
def test_whatever_is_typed_becomes_a_topic_or_a_sentence(typed: str) -> None:
    try:
        topic = parse_topic(typed)
    except TopicError:
        return
    assert topic.wanted
    assert 0 < len(topic.normal_form) <= 600
    assert len(topic.query) <= 200
    assert parse_topic(topic.query) == topic


@given(st.text(max_size=300))
def test_a_slug_is_a_short_ascii_name_for_anything(typed: str) -> None:
    slug = slugify_topic(typed)
    assert 0 < len(slug) <= 110
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug == slugify_topic(typed)


@settings(max_examples=examples(300))
@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=5).map(" ".join))
def test_plain_words_mean_what_the_whole_language_reads_in_them(query: str) -> None:
    def parse() -> object:
        try:
            return parse_topic(query)
        except TopicError as error:
            return str(error)

    plain = parse()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "_PLAIN_WORDS", re.compile("(?!)"))
        assert parse() == plain
