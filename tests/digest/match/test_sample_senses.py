"""A topic that nobody follows is known from a sample of the papers in memory."""

from __future__ import annotations

from typing import Any

import pytest

from digest.match import match_papers, sample_senses
from digest.match.sample_senses import find_sense, find_senses, sample_ids
from digest.models import Paper, TopicSense
from subscribers.limits.cpu_allowance import CpuAllowance
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


def test_samples_of_several_topics_are_mostly_the_same_papers() -> None:
    first, second = range(0, 3_000, 2), range(0, 3_000, 3)
    sampled = [set(sample_ids(ids, 60)) for ids in (first, second)]
    assert [len(one) for one in sampled] == [60, 60]
    # Drawn each by itself they would have one or two in common.
    assert len(sampled[0] & sampled[1]) >= 15
    assert 600 < sum(sampled[0]) / 60 < 2_400  # and no end of the list is preferred
    assert sample_ids([5, 3], 60) == [5, 3]


def test_each_paper_is_read_once_for_all_topics_and_none_when_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = [make_paper(title=f"Diffusion policy and robots {n}").pk for n in range(9)]
    match_papers(NOW)
    read, real = list[int](), sample_senses.read_paper

    def read_and_note(paper: Paper, learned: Any) -> Any:
        read.append(paper.pk)
        return real(paper, learned)

    monkeypatch.setattr(sample_senses, "read_paper", read_and_note)
    topics = [TOPIC, parse_topic("robots")]
    assert find_senses(topics, NOW, [ids, ids], CpuAllowance(-1.0)) == [None, None]
    assert None not in find_senses(topics, NOW, [ids, ids[3:]])
    assert sorted(read) == sorted(ids)
