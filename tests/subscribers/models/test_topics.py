"""Topics are rows shared by all who typed the same thing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from subscribers.models import Topic
from subscribers.topics import TopicError, parse_topic
from tests.factories import make_reader
from tests.together import at_once


@pytest.mark.django_db
def test_topics_that_mean_the_same_are_one_row_as_first_typed() -> None:
    [first] = Topic.objects.get_or_create_topics(["Diffusion Policies"])
    again = Topic.objects.get_or_create_topics(["diffusion policy", "RAG", "diffusion-policy"])
    assert again[0] == first
    assert [topic.query for topic in again] == ["Diffusion Policies", "RAG"]


@pytest.mark.django_db
def test_topics_with_the_same_letters_have_different_slugs() -> None:
    topics = Topic.objects.get_or_create_topics(["RAG", "rag", "C++", "C#"])
    assert len({topic.slug for topic in topics}) == 4
    assert topics[0].slug == "rag"


@pytest.mark.django_db
def test_fifty_topics_are_enough_and_one_more_makes_none() -> None:
    assert len(Topic.objects.get_or_create_topics(f"subject {n}" for n in range(50))) == 50
    with pytest.raises(TopicError, match="51 topics are too many: keep the 50 you need"):
        Topic.objects.get_or_create_topics(f"other {n}" for n in range(51))
    assert Topic.objects.count() == 50


@pytest.mark.django_db
def test_one_bad_topic_makes_none() -> None:
    with pytest.raises(TopicError, match="is in every paper"):
        Topic.objects.get_or_create_topics(["world model", "the"])
    assert not Topic.objects.exists()


@pytest.mark.django_db
def test_a_topic_from_a_release_with_another_normal_form_is_still_shared() -> None:
    old = Topic.objects.create(query="world model", normal_form="world-model", slug="world-model")
    assert Topic.objects.get_or_create_topics(["world model"]) == [old]


@pytest.mark.django_db(transaction=True)
def test_two_who_type_the_same_at_once_share_one_row() -> None:
    typed = ["world model", "rag", "RAG"]
    rows = at_once(lambda: Topic.objects.get_or_create_topics(typed))
    assert rows[0] == rows[1]
    assert [topic.normal_form for topic in rows[0]] == [
        parse_topic(query).normal_form for query in ("world model", "rag", "RAG")
    ]
    assert Topic.objects.count() == 3


pytestmark = pytest.mark.django_db


def test_questions_about_topics_and_interests_are_asked_by_name() -> None:
    reader = make_reader("agents", mutes=("survey",))
    [lonely] = Topic.objects.get_or_create_topics(["phlogiston"])
    assert [str(row.topic) for row in reader.interests.follows()] == ["agents"]
    assert [str(row.topic) for row in reader.interests.mutes()] == ["survey"]
    assert list(Topic.objects.unfollowed()) == [lonely]
    assert list(Topic.objects.unmatched()) == [lonely]
    assert not reader.interests.unmatched().exists()
    Topic.objects.filter(query="survey").update(matched_at=None)
    assert reader.interests.unmatched().get() == reader.interests.mutes().get()


@pytest.mark.django_db
def test_what_fewer_than_three_follow_is_named_nowhere_and_answers_as_if_it_were_not_there(
    client: Client, settings: Any
) -> None:
    settings.PUBLIC_TOPIC_FOLLOWERS = 3
    for _ in range(3):
        make_reader("world model")
    for _ in range(2):
        make_reader("my secret merger", mutes=("agents",))
    make_reader(mutes=("agents",))
    assert [topic.query for topic in Topic.objects.public()] == ["world model"]
    paths = ("/topics/{}/", "/feeds/topics/{}.atom", "/api/v1/topics/{}")
    for path in paths:
        assert client.get(path.format("world-model")).status_code == 200
        answers = {
            slug: client.get(path.format(slug))
            for slug in ("my-secret-merger", "agents", "no-such-topic")
        }
        assert {answer.status_code for answer in answers.values()} == {404}
        texts = {answer.content.decode().replace(s, "") for s, answer in answers.items()}
        assert len(texts) == 1
