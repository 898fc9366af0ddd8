"""What topics' papers teach is stored when a topic is matched, and learned anew when it is due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.match import match_papers, senses
from digest.match.process_cache import process_cache
from digest.models import Match, TopicSense
from subscribers.models import Interest, Topic
from tests.factories import NOW, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def follow(query: str) -> Topic:
    [topic] = Topic.objects.get_or_create_topics([query])
    Interest.objects.create(subscriber=make_subscriber(), topic=topic)
    return topic


def test_a_topic_has_a_floor_and_words_as_soon_as_it_is_matched() -> None:
    for n in range(6):
        make_paper(title=f"Diffusion policy {n}", abstract="A gripper grasps. Diffusion policy.")
        make_paper(title=f"Rivers {n}", abstract="A diffusion policy is no river.")
    for n in range(40):  # a word of every sixth paper says nothing of any
        make_paper(title=f"Oceans {n}", abstract="Waves break.")
    sense = TopicSense.objects.filter(topic=follow("diffusion policy"))
    match_papers(NOW)
    stored = sense.get()
    strengths = sorted(Match.objects.values_list("strength", flat=True))
    assert strengths[5] < stored.floor < strengths[6]
    assert "gripper:" in stored.words
    assert stored.due_at == NOW + senses.SOON_RENEWED_AFTER


def test_a_topic_has_its_kinds_among_its_words_unless_it_is_in_quotes() -> None:
    for query in ("image restoration", '"image restoration"'):
        sense = TopicSense.objects.filter(topic=follow(query))
        make_paper(title=f"Image restoration of {query}")
        match_papers(NOW)
        assert ("~imag_restor:0.600" in sense.get().words.split()) is not query.startswith('"')


def test_what_is_due_is_learned_anew_and_nothing_else() -> None:
    due, later = follow("diffusion policy"), follow("rivers")
    match_papers(NOW)
    TopicSense.objects.filter(topic=later).update(due_at=NOW + 9 * DAY)
    TopicSense.objects.update(words="old:1.000")
    for n in range(senses.EXAMPLES):
        make_paper(title=f"Diffusion policy of a gripper {n}")
    match_papers(NOW + 2 * DAY)
    assert "old" not in TopicSense.objects.get(topic=due).words
    assert TopicSense.objects.get(topic=due).due_at == NOW + 2 * DAY + senses.RENEWED_AFTER
    assert TopicSense.objects.get(topic=later).words == "old:1.000"


def test_a_run_learns_a_part_of_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senses, "MOST_RENEWED", 1)
    for query in ("robots", "rivers"):
        follow(query)
    match_papers(NOW)
    learned = process_cache.get_learned(NOW)
    assert senses.renew_senses(NOW + 2 * DAY, learned) == 1
    assert senses.has_due_senses(NOW + 2 * DAY)
    assert senses.renew_senses(NOW + 2 * DAY, learned) == 1
    assert not senses.has_due_senses(NOW + 2 * DAY)
