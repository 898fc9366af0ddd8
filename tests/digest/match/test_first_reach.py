"""A first digest waits for what it can hold of its reader's new topics, and for nothing else."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from digest.compose import compose_due
from digest.match import first_reach, match_for_first_digest, match_papers, stage
from digest.models import Delivery, Match, Paper, TopicSense
from subscribers.models import Interest, Subscriber, Topic
from tests.digest.match.test_new_topics import note_read
from tests.digest.match.topics_followed import follow, found
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_reach, "FEWEST_RECENT", 3)
    monkeypatch.setattr(stage, "read_acronyms_version", lambda: ("learned",))


def test_waits_for_papers_of_a_week_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for days in (0, 2, 6, 8, 20):
        make_aged(f"Video {days}", days)
    make_aged("Video, listed again", 20, available_at=NOW - timedelta(days=1))
    make_aged("Video, about to be news", 20, news_at=NOW)
    make_aged("Robots 1", 1)
    make_aged("Robots 9", 9)
    match_papers(NOW)
    read = note_read(monkeypatch)
    topics = follow("video", "robots")
    ready = match_for_first_digest(topics[0].interests.get().subscriber_id, NOW)
    assert ready == {topic.pk for topic in topics}
    recent = {"Video 0", "Video 2", "Video 6", "Video, listed again", "Video, about to be news"}
    # Few papers hold robots: all of them are read.
    assert set(read) == recent | {"Robots 1", "Robots 9"}
    assert not Topic.objects.exclude(matched_at=None).exists()
    match_papers(NOW)
    assert {title for query, title in found() if query == "video"} == recent | {
        "Video 8",
        "Video 20",
    }


@pytest.mark.parametrize("seed", range(4))
def test_all_is_as_if_nobody_had_waited(seed: int) -> None:
    dice = Random(seed)
    words = ["video", "robot", "language model", "planning", "noise", "grasp"]
    for _ in range(40):
        text = " ".join(dice.choices(words, k=12))
        moment = NOW - timedelta(days=dice.randrange(6))
        again = moment if dice.random() < 0.2 else None
        title = " and ".join(dice.sample(words, 2))
        make_aged(title, dice.randrange(29), abstract=text, available_at=again)
    match_papers(NOW)
    topics = follow("video", "language models", "robot + planning", "grasp -noise")
    subscriber_id = topics[0].interests.get().subscriber_id
    match_papers(NOW)
    at_once = list_rows()
    assert len(at_once[0]) > 40
    Match.objects.all().delete()
    TopicSense.objects.all().delete()
    Topic.objects.update(matched_at=None)
    assert len(match_for_first_digest(subscriber_id, NOW)) == 4
    assert 0 < Match.objects.count() < len(at_once[0])
    match_papers(NOW)
    assert list_rows() == at_once


def test_what_the_week_taught_is_learned_anew_by_whoever_comes_next() -> None:
    """Even where another worker ends with the topic in between."""
    for days in (0, 1, 2, 3, 20):
        make_aged(f"Video {days}", days)
    match_papers(NOW)
    [topic] = follow("video")
    match_papers(NOW)
    whole = list_rows()
    Topic.objects.update(matched_at=None)
    match_for_first_digest(topic.interests.get().subscriber_id, NOW)
    Topic.objects.update(matched_at=NOW)
    match_papers(NOW)
    assert list_rows() == whole


def test_papers_that_wait_are_matched_first() -> None:
    make_aged("Video 0", 0)
    [topic] = follow("video")
    assert not match_for_first_digest(topic.interests.get().subscriber_id, NOW)
    assert found() == {("video", "Video 0")}


class TestManyOfADay:
    """A topic that many papers of the last day hold."""

    @pytest.fixture(autouse=True)
    def three_are_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(first_reach, "MANY_OF_A_DAY", 3)

    @pytest.fixture
    def subscriber(self) -> Subscriber:
        """Follows video and robots, of which few papers of the last day hold the latter."""
        for n, days in enumerate((0, 0, 0, 0.5, 2, 3, 20)):
            make_aged(f"Video {n}", days)
        for days in (0, 2, 3, 4):
            make_aged(f"Robots {days}", days)
        match_papers(NOW)
        subscriber = follow("video", "robots")[0].interests.get().subscriber
        Subscriber.objects.update(max_papers=3)
        return subscriber

    def test_is_compared_with_these_alone_as_long_as_they_fill_the_digest(
        self, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_aged("Video, not seen by compose", 4, available_at=None, is_seen=False)
        match_papers(NOW)
        Topic.objects.update(matched_at=None)
        Match.objects.all().delete()
        read = note_read(monkeypatch)
        ready = match_for_first_digest(subscriber.pk, NOW)
        assert {title for title in read if "Video" in title} == {
            *(f"Video {n}" for n in range(4)),
            "Video, not seen by compose",
        }
        assert {title for title in read if "Robots" in title} == {
            f"Robots {n}" for n in (0, 2, 3, 4)
        }
        compose_due(NOW, ready=ready)
        assert len(Delivery.objects.get().digest.papers) == 3
        match_papers(NOW)
        assert len([title for query, title in found() if query == "video"]) == 8

    def test_is_compared_with_the_week_where_they_do_not(self, subscriber: Subscriber) -> None:
        """As where somebody mutes them."""
        [muted] = Topic.objects.get_or_create_topics(["title:video"])
        Interest.objects.create(subscriber=subscriber, topic=muted, mode=Interest.Mode.MUTE)
        match_for_first_digest(subscriber.pk, NOW)
        week = {f"Video {n}" for n in range(6)}
        assert {title for query, title in found() if query == "video"} == week


class TestEnoughOfADay:
    """A topic that the index of words finds in enough papers of the last day."""

    @pytest.fixture(autouse=True)
    def three_are_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(first_reach, "ENOUGH_OF_A_DAY", 3)

    @pytest.fixture
    def subscriber(self) -> Subscriber:
        """Follows video models, and robots, of which the last day brings two."""
        for n, days in enumerate((0, 0, 0, 0.5, 2, 3, 20)):
            make_aged(f"Video models {n}", days)
        for n, days in enumerate((0, 0, 2, 3, 4)):
            make_aged(f"Robots {n}", days)
        make_aged("Video models, not seen by compose", 4, is_seen=False)
        match_papers(NOW)
        subscriber = follow("video models", "robots")[0].interests.get().subscriber
        Subscriber.objects.update(max_papers=3)
        return subscriber

    def test_is_compared_with_these_alone_as_long_as_they_fill_the_digest(
        self, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = note_read(monkeypatch)
        ready = match_for_first_digest(subscriber.pk, NOW)
        assert sorted(read) == sorted(
            [
                *(f"Video models {n}" for n in range(4)),
                "Video models, not seen by compose",
                *(f"Robots {n}" for n in range(5)),
            ]
        )
        compose_due(NOW, ready=ready)
        assert len(Delivery.objects.get().digest.papers) == 3
        match_papers(NOW)
        assert len([title for query, title in found() if query == "video models"]) == 8

    def test_is_compared_with_the_week_where_they_do_not(self, subscriber: Subscriber) -> None:
        Subscriber.objects.update(max_papers=9)
        match_for_first_digest(subscriber.pk, NOW)
        week = {*(f"Video models {n}" for n in range(6)), "Video models, not seen by compose"}
        assert {title for query, title in found() if query == "video models"} == week

    def test_is_compared_with_the_week_where_few_of_them_are_finds(
        self, subscriber: Subscriber
    ) -> None:
        """What the index names is no find yet."""
        for n in range(3):
            text = f"Grasping with robot models{' and cameras' if n else ''}."
            make_aged(f"A video {n}", 0, abstract=text)
        make_aged("Robots and models 2", 2)
        match_papers(NOW)
        [topic] = Topic.objects.get_or_create_topics(["robot + models -cameras"])
        Interest.objects.create(subscriber=subscriber, topic=topic)
        match_for_first_digest(subscriber.pk, NOW)
        assert ("robot + models -cameras", "Robots and models 2") in found()


def make_aged(title: str, days: float, **fields: Any) -> Paper:
    """A paper that was first seen, and available to digests, so many days ago."""
    at = NOW - timedelta(days=days)
    dates = {"first_seen_at": at, "news_at": at, "published_at": at}
    available = fields.pop("available_at", None) or at
    is_seen = fields.pop("is_seen", True)
    return make_paper(title=title, available_at=available if is_seen else None, **(dates | fields))


def list_rows() -> tuple[list[Any], list[Any]]:
    """All matches, and what was learned of each topic."""
    matches = Match.objects.order_by("topic", "paper")
    senses = TopicSense.objects.order_by("topic")
    return (
        list(matches.values_list("topic", "paper", "strength", "where")),
        list(senses.values_list("topic", "floor", "words", "due_at")),
    )


def test_what_came_or_became_news_is_told_by_indexes_alone() -> None:
    make_aged("Old", 20)
    wanted = [
        make_aged("New", 0),
        make_aged("Listed again", 20, available_at=NOW - timedelta(hours=1)),
        make_aged("To be news", 20, news_at=NOW),
        make_aged("Not seen yet", 20, is_seen=False),
    ]
    papers = first_reach._select_news(NOW - timedelta(days=1))
    assert sorted(papers) == sorted(paper.pk for paper in wanted)
    if connection.vendor == "sqlite":
        plan = papers.explain()
        assert "SEARCH" in plan
        assert not any(line.endswith("SCAN digest_paper") for line in plan.splitlines())
