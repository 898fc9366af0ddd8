"""How many papers a topic brings, asked before anybody follows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.match import match_papers
from digest.match.process_cache import process_cache
from digest.match.volume import find_narrower_topics, find_wider_topics, measure_volume
from digest.models import Paper
from subscribers.models import Topic
from subscribers.topics import parse_topic
from tests.digest.match.searching import shelve
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db


def make_matched(*titles: str, days_ago: int = 0, **fields: object) -> None:
    at = NOW - timedelta(days=days_ago)
    for title in titles:
        make_paper(title=title, news_at=at, **fields)
    match_papers(NOW)


def days(query: str) -> list[int]:
    return measure_volume(parse_topic(query), NOW).days


def test_a_volume_is_the_papers_of_28_days_today_last() -> None:
    make_matched("A world model", "World models", "World. Model", days_ago=0)
    make_matched("A world model again", days_ago=27)
    make_matched("An old world model", days_ago=28)
    assert days("world model") == [1, *[0] * 26, 2]
    assert measure_volume(parse_topic("world model"), NOW).a_day == pytest.approx(3 / 28)
    assert days("diffusion") == [0] * 28


def test_a_paper_that_is_news_in_an_hour_is_not_counted_yet() -> None:
    make_paper(title="A world model of tonight", news_at=NOW + timedelta(hours=1))
    make_matched("A world model")
    assert days("world model")[-1] == 1
    assert "tonight" not in str(
        process_cache.get_recent_papers(NOW).find_normal_forms(" world model ")
    )


def test_only_days_that_were_read_count_for_the_papers_a_day() -> None:
    make_matched(*(f"World model {n}" for n in range(12)), days_ago=1)
    make_matched(*(f"Other matters {n}" for n in range(12)))
    make_matched("World model before our time", days_ago=20)
    assert measure_volume(parse_topic("world model"), NOW).covered == 2
    assert measure_volume(parse_topic("world model"), NOW).a_day == 6.0


@pytest.mark.parametrize(
    ("query", "papers"),
    [
        ("RAG", 1),
        ("rag", 2),
        ('"models"', 1),
        ("title:agents", 1),
        ("author:lecun", 1),
        ("org:nvidia + agents", 1),
        ("cat:cs", 1),
        ("agents -RAG", 0),
    ],
)
def test_a_volume_keeps_the_whole_topic_language(query: str, papers: int) -> None:
    names = {"authors": ["Yann LeCun"], "organization": "NVIDIA", "categories": ["cs.CL"]}
    make_matched("RAG agents", **names)
    make_matched("A rag doll", abstract="Of models.")
    assert sum(days(query)) == papers


def test_a_volume_follows_what_is_matched_and_writes_nothing() -> None:
    make_matched("A world model")
    assert sum(days("world model")) == 1
    make_matched("Another world model")
    assert sum(days("world model")) == 2
    Paper.objects.filter(title="A world model").update(title="Else", matched_at=None)
    match_papers(NOW + timedelta(minutes=1))
    assert sum(days("world model")) == 1
    assert not Topic.objects.exists()


def test_many_papers_are_counted_by_a_sample_of_them() -> None:
    make_matched(*(f"{'RAG' if n % 2 else 'Rag'} paper {n}" for n in range(200)))
    assert sum(days("RAG")) == pytest.approx(100, abs=10)


BESIDE = [f"Robot learning: imitation learning, part {n}" for n in range(4)]


def test_narrower_topics_name_what_stands_beside_it_with_their_volumes() -> None:
    make_matched(*BESIDE, *(f"Robot learning, part {n}" for n in range(4)))
    make_matched(*(f"Deep robot learning of {n}" for n in range(4)))
    offered = dict(find_narrower_topics(parse_topic("robot learning"), NOW))
    assert offered["robot learning + imitation learning"] == 4.0
    assert offered["deep robot learning"] == 4.0
    assert find_narrower_topics(parse_topic("quantum gravity"), NOW) == []
    fewer = dict(find_narrower_topics(parse_topic("robot learning"), NOW, enough=3.9))
    assert fewer == {q: a_day for q, a_day in offered.items() if a_day < 4}


def test_narrower_topics_can_be_typed_and_bring_what_they_say() -> None:
    make_matched(*BESIDE, *(f"Robot learning, part {n}" for n in range(4)))
    offered = find_narrower_topics(parse_topic("robot learning"), NOW)
    assert offered
    for query, a_day in offered:
        assert measure_volume(parse_topic(query), NOW).a_day == a_day


def test_wider_topics_find_more_the_fullest_first() -> None:
    make_matched("Robot learning", "Robot learning by touch", "Learning of a robot")
    offered = find_wider_topics(parse_topic('"robot learning by touch" -vision'), NOW)
    assert offered == [("robot learning -vision", 2.0)]
    assert (
        dict(find_wider_topics(parse_topic("robot learning + touch"), NOW))["robot learning"] == 2.0
    )
    assert find_wider_topics(parse_topic("robot"), NOW) == []
    assert find_wider_topics(parse_topic("author:lecun"), NOW) == []


def test_normal_forms_come_from_memory_and_of_other_papers_from_their_rows() -> None:
    here = shelve(title="Robots at sea")
    recent = process_cache.get_recent_papers(NOW)
    later = make_paper(title="A later paper", normal_form=" a later paper ")
    with CaptureQueriesContext(connection) as captured:
        assert recent.read_forms([here.pk]) == [" robot at sea "]
    assert not captured
    assert recent.read_forms([later.pk, here.pk, 0]) == [" robot at sea ", " a later paper "]
