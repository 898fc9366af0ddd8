"""What papers taught about acronyms, as rows and as sentences for a page."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from subscribers.acronyms import find_also_found, read_acronyms, write_acronyms
from subscribers.mail_links import preferences_url
from subscribers.models import Acronym
from subscribers.topics import learn_acronyms, parse_topic
from tests.factories import NOW, make_reader

LLM = "Large language models (LLMs)"
ACRONYMS = learn_acronyms([f"{LLM} {n}" for n in range(4)] + ["Reinforcement Learning (RL)"] * 3)


@pytest.mark.django_db
def test_what_was_learned_is_kept_whole_and_the_last_lesson_counts() -> None:
    write_acronyms(ACRONYMS, NOW.date())
    assert read_acronyms() == ACRONYMS
    write_acronyms(learn_acronyms(["Reinforcement Learning (RL)"] * 3), NOW.date())
    assert list(Acronym.objects.values_list("short", flat=True)) == ["RL"]


@pytest.mark.django_db
def test_one_query_tells_it_for_all_of_a_readers_topics(
    django_assert_num_queries: object,
) -> None:
    write_acronyms(ACRONYMS, NOW.date())
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = find_also_found(
            ["LLM agents", "reinforcement learning", "the", "LLM agents", "bread"]
        )
    assert [(one.typed, one.other) for one in found] == [
        ("LLM", "large language model"),
        ("reinforcement learning", "RL"),
    ]
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert find_also_found(["bread"]) == []


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
    assert page.count("also finds") == 1
    assert "<strong>LLM</strong> also finds <em>large language model</em>" in page
