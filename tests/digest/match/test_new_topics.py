"""A new topic reads the papers that may hold it, and no others."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from digest.match import match_for_first_digest, match_papers, new_topics, stage
from digest.match.learned import Learned
from digest.match.paper_text import read_paper
from digest.models import Match, Paper, TopicSense
from subscribers.models import Topic
from subscribers.topics import Reading
from tests.digest.match.topics_followed import follow, found
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db


def note_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the papers whose texts are read for new topics from now on."""
    read: list[str] = []

    def note(paper: Paper, learned: Learned) -> Reading:
        read.append(paper.title)
        return read_paper(paper, learned)

    monkeypatch.setattr(new_topics, "read_paper", note)
    return read


def test_only_papers_that_may_hold_it_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(30):
        make_paper(title=f"Paper {n} about video")
    make_paper(title="World models one")
    make_paper(title="A model of the world")
    match_papers(NOW)
    read = note_read(monkeypatch)
    follow("world model")
    match_papers(NOW)
    assert read == ["World models one"]
    assert found() == {("world model", "World models one")}


def test_the_newest_papers_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_topics, "_PAPERS_AT_ONCE", 2)
    papers = [make_paper(title=f"Video {n}") for n in range(4)]
    match_papers(NOW)
    follow("video")
    assert match_papers(NOW).matches == 4
    order = Match.objects.order_by("pk").values_list("paper", flat=True)
    assert list(order) == [papers[2].pk, papers[3].pk, papers[0].pk, papers[1].pk]


def test_more_topics_than_are_taken_at_once_are_all_matched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(new_topics, "_TOPICS_AT_ONCE", 2)
    make_paper(title="Red green blue white brown")
    match_papers(NOW)
    follow("red", "green", "blue", "white", "brown")
    assert match_papers(NOW).topics == 5
    assert len(found()) == 5


class TestFirstDigest:
    """Somebody waits: what their digest cannot hold is matched after it."""

    @pytest.fixture(autouse=True)
    def few_are_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(new_topics, "FEWEST_RECENT", 3)
        monkeypatch.setattr(stage, "read_acronyms_version", lambda: ("learned",))

    def test_waits_for_papers_of_a_week_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
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
    def test_all_is_as_if_nobody_had_waited(self, seed: int) -> None:
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

    def test_what_the_week_taught_is_learned_anew_by_whoever_comes_next(self) -> None:
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

    def test_papers_that_wait_are_matched_first(self) -> None:
        make_aged("Video 0", 0)
        [topic] = follow("video")
        assert not match_for_first_digest(topic.interests.get().subscriber_id, NOW)
        assert found() == {("video", "Video 0")}


def make_aged(title: str, days: int, **fields: Any) -> Paper:
    """A paper that was first seen, and available to digests, so many days ago."""
    at = NOW - timedelta(days=days)
    dates = {"first_seen_at": at, "news_at": at, "published_at": at}
    available = fields.pop("available_at", None) or at
    return make_paper(title=title, available_at=available, **(dates | fields))


def list_rows() -> tuple[list[Any], list[Any]]:
    """All matches, and what was learned of each topic."""
    matches = Match.objects.order_by("topic", "paper")
    senses = TopicSense.objects.order_by("topic")
    return (
        list(matches.values_list("topic", "paper", "strength", "where")),
        list(senses.values_list("topic", "floor", "words", "due_at")),
    )
