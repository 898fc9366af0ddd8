"""What papers taught about acronyms, as rows and as sentences for a page."""

from __future__ import annotations

import time
from random import Random

import pytest
from django.conf import settings
from django.test import Client

from subscribers.acronyms import find_also_found, read_acronyms, write_acronyms
from subscribers.mail.mail_links import preferences_url
from subscribers.models import Acronym
from subscribers.topics import Acronyms, learn_acronyms, parse_topic
from subscribers.topics.variants import Kind, Variant, Variants
from tests.factories import NOW, make_reader

LLM = "Large language models (LLMs)"
ACRONYMS = learn_acronyms([f"{LLM} {n}" for n in range(4)] + ["Reinforcement Learning (RL)"] * 3)


@pytest.mark.django_db
def test_what_was_learned_is_kept_whole_and_the_last_lesson_counts() -> None:
    write_acronyms(ACRONYMS, NOW.date())
    assert read_acronyms() == ACRONYMS
    write_acronyms(learn_acronyms(["Reinforcement Learning (RL)"] * 3), NOW.date())
    assert list(Acronym.objects.values_list("short", flat=True)) == ["RL"]


VLMS = learn_acronyms(
    ["vision-language models (VLMs)"] * 5
    + ["visual language models (VLM)"] * 3
    + ["variable loop monitoring (VLM)"] * 3
)


@pytest.mark.django_db
def test_several_long_forms_are_kept_and_told_whichever_is_typed(client: Client) -> None:
    write_acronyms(VLMS, NOW.date())
    assert read_acronyms() == VLMS
    assert [one.other for one in find_also_found(["visual language model"])] == [
        "VLM",
        "vision-language model",
    ]
    page = " ".join(client.get("/subscribe/?t=VLM").content.decode().split())
    assert "also finds <em>visual language model</em>, spelled out in 3 papers" in page
    assert "leaves out what spells it out as <em>variable loop monitoring</em>, 3 papers" in page
    assert "Type <code>&quot;VLM&quot;</code> for these letters whatever they stand for" in page
    answer = client.post("/preview/", {"topics": "VLM"}).content.decode()
    assert "Find those too" in answer


@pytest.mark.django_db
def test_two_queries_tell_it_for_all_of_a_readers_topics(
    django_assert_num_queries: object,
) -> None:
    write_acronyms(ACRONYMS, NOW.date())
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = find_also_found(
            ["LLM agents", "reinforcement learning", "the", "LLM agents", "bread"]
        )
    assert [(one.typed, one.other) for one in found] == [
        ("LLM", "large language model"),
        ("reinforcement learning", "RL"),
    ]
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert find_also_found(["author:lecun"]) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("topic", "without"),
    [
        ("LLM", '"LLM"'),
        ("LLM agents + planning -survey", '"LLM agents" + planning -survey'),
        ("planning -LLM", 'planning -"LLM"'),
        ("title:LLM", 'title:"LLM"'),
    ],
)
def test_each_topic_can_be_had_without_its_long_form(topic: str, without: str) -> None:
    write_acronyms(ACRONYMS, NOW.date())
    [found] = find_also_found([topic])
    assert found.instead == without
    assert parse_topic(without).query == without
    assert find_also_found([without]) == []


@pytest.mark.django_db
def test_forms_say_what_topics_also_find_before_any_script_runs(client: Client) -> None:
    write_acronyms(ACRONYMS, NOW.date())
    reader = make_reader("LLM")
    own = preferences_url(reader.pk).removeprefix(settings.SITE_URL)
    for address in (own, "/subscribe/?t=LLM"):
        page = client.get(address).content.decode()
        assert "also finds <em>large language model</em>" in page
        assert "Type <code>&quot;LLM&quot;</code>" in page
    answer = client.post("/preview/", {"topics": "bread\nLLM"}).content.decode()
    assert 'value="1:&quot;LLM&quot;"' in answer
    assert "Switch off" in answer


@pytest.mark.django_db
def test_whoever_types_topics_sees_what_else_they_find(client: object) -> None:
    write_acronyms(ACRONYMS, NOW.date())
    page = client.get("/preview/?t=LLM&t=bread").content.decode()  # type: ignore[attr-defined]
    assert page.count("also finds <em>") == 1
    assert "<strong>LLM</strong> also finds <em>large language model</em>" in page


VARIANTS = Acronyms(
    variants=Variants(
        (
            Variant(Kind.COMPOUND, "rerank", "re rank", "reranking", "re-ranking", 8, 6),
            Variant(Kind.ENDING, "robustness", "robust", "robustness", "robust", 9, 7),
            Variant(Kind.NAME, "PyTorch", "pytorch", "PyTorch", "pytorch", 9, 3),
        )
    )
)


@pytest.mark.django_db
def test_variants_are_kept_with_the_acronyms_and_said_of_the_topics_they_change() -> None:
    write_acronyms(VARIANTS, NOW.date())
    assert read_acronyms() == VARIANTS
    found = find_also_found(["passage re-ranking", "robustness", "PyTorch", "rank"])
    assert [(one.typed, one.other, one.papers) for one in found] == [
        ("re-ranking", "reranking", 8),
        ("robustness", "robust", 7),
        ("PyTorch", "pytorch", 3),
    ]
    write_acronyms(ACRONYMS, NOW.date())
    assert find_also_found(["reranking"]) == []


@pytest.mark.django_db
def test_forms_say_which_variants_topics_find(client: Client) -> None:
    write_acronyms(VARIANTS, NOW.date())
    page = " ".join(client.get("/subscribe/?t=reranking").content.decode().split())
    assert "also finds <em>re-ranking</em>, written so in 6 papers" in page
    assert "Type <code>&quot;reranking&quot;</code>" in page


@pytest.mark.django_db
def test_topics_of_very_many_words_cost_no_more_than_others() -> None:
    write_acronyms(ACRONYMS, NOW.date())
    chance = Random(1)
    long = [" ".join(chance.choices("bcdfghjkmnpqrstvwxz", k=99)) for _ in range(40)]
    began = time.thread_time()
    found = find_also_found(["large language models", *long])
    assert time.thread_time() - began < 2  # it took eight seconds
    assert [one.other for one in found] == ["LLM"]
