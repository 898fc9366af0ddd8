"""A topic that nobody follows is known from a sample of the papers in memory."""

from __future__ import annotations

import pytest

from digest.match import match_papers
from digest.match.sample_senses import find_sense
from digest.models import TopicSense
from subscribers.topics import parse_topic
from tests.factories import NOW, make_paper, make_topic

pytestmark = pytest.mark.django_db
TOPIC = parse_topic("diffusion policy")


def test_papers_teach_the_same_of_a_topic_whether_it_is_followed_or_not() -> None:
    for n in range(9):
        make_paper(title=f"Diffusion policy {n}", abstract="A gripper grasps.")
    for n in range(60):  # a word of every sixth paper says nothing of any
        make_paper(title=f"Oceans {n}", abstract="Waves break.")
    match_papers(NOW)
    sampled = find_sense(TOPIC, NOW)
    assert sampled.floor > 0
    assert "gripper" in (sampled.weights or {})
    assert find_sense(TOPIC, NOW) is sampled  # kept for this process


def test_what_is_stored_comes_first_unless_it_is_out_of_date() -> None:
    topic = make_topic("diffusion policy")
    topic.normal_form = TOPIC.normal_form
    topic.save()
    row = TopicSense.objects.create(topic=topic, floor=7.0, words="lge:1.000", due_at=NOW)
    assert find_sense(TOPIC, NOW).floor == 0.0
    row.due_at = NOW.replace(year=2027)
    row.save()
    assert (find_sense(TOPIC, NOW).floor, find_sense(TOPIC, NOW).weights) == (7.0, {"lge": 1.0})
