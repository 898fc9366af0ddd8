"""A new topic reads the papers that may hold it, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from digest.match import match_papers, new_topics
from digest.match.learned import Learned
from digest.match.new_topics import match_candidates
from digest.match.paper_text import read_columns
from digest.models import Match, Paper
from subscribers.topics import ParsedTopic, Reading, TopicMatch, find_topic, parse_topic
from tests.digest.match.topics_followed import follow, found
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db


def note_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the papers whose texts are read for new topics from now on."""
    read: list[str] = []

    def note(columns: Sequence[Any], learned: Learned) -> Reading:
        read.append(columns[0])
        return read_columns(columns, learned)

    monkeypatch.setattr(new_topics, "read_columns", note)
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


def test_a_paper_without_the_words_of_a_topic_is_not_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = [make_paper(title=title, abstract="Of them.").pk for title in ("A video", "A robot")]
    match_papers(NOW)
    [topic] = follow("videos")
    asked: list[str] = []

    def note(topic: ParsedTopic, reading: Reading) -> TopicMatch | None:
        asked.append(reading.text.title)
        return find_topic(topic, reading)

    monkeypatch.setattr(new_topics, "find_topic", note)
    topics, topics_of = {topic.pk: parse_topic("videos")}, {pk: [topic.pk] for pk in ids}
    assert match_candidates(topics_of, topics, NOW, Learned()) == 1
    assert asked == ["A video"]
    Paper.objects.update(matched_at=None)  # what is stored may be of another text
    match_candidates(topics_of, topics, NOW, Learned())
    assert asked[1:] == ["A video", "A robot"]
