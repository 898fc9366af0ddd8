"""What *more* and *less* do to one reader's digests, and how each is taken back."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.compose import compose_due
from digest.feedback.effect_text import DONE, describe_effect
from digest.feedback.record import (
    compute_effect,
    foresee_effect,
    forget_all_feedback,
    forget_leaning,
    give_feedback,
    take_back_feedback,
)
from digest.models import Delivery, Feedback, Paper, SavedPaper, TopicSense
from subscribers.account.export import export_subscriber
from subscribers.models import Interest, Leaning, Subscriber, Topic
from tests.factories import NOW, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def leanings(reader: Subscriber) -> dict[tuple[str, str], int]:
    return {(row.kind, row.said): row.steps for row in reader.leanings.all()}


def paper_on(query: str, strength: float = 1.0, at: datetime = NOW, **fields: Any) -> Paper:
    paper = make_paper(news_at=at, first_seen_at=at, published_at=at, **fields)
    make_match(paper, query, strength)
    return paper


def digest(now: datetime = NOW, **of: Any) -> list[int]:
    """The papers of the reader's digest composed now, as if it were the first try."""
    Delivery.objects.all().delete()
    Subscriber.objects.update(next_digest_at=None)
    compose_due(now)
    return [item["id"] for item in Delivery.objects.get(**of).contents["papers"]]


@pytest.fixture
def reader() -> Subscriber:
    return make_reader("diffusion policy", "RAG")


class TestTheNextDigest:
    @pytest.fixture
    def papers(self) -> list[Paper]:
        """The last one is the least of them, and like the one that feedback is given on."""
        return [
            paper_on("diffusion policy", 3.0),
            paper_on("diffusion policy", 2.9),
            paper_on("RAG", 2.5, categories=["cs.CL"], organization="NVIDIA"),
        ]

    def test_more_and_less_move_what_is_alike_and_undo_moves_it_back(
        self, reader: Subscriber, papers: list[Paper]
    ) -> None:
        first, second, third = [paper.pk for paper in papers]
        liked = paper_on("RAG", at=NOW - 20 * DAY, categories=["cs.CL"])
        assert digest() == [first, second, third]
        give_feedback(reader.pk, liked, "more", NOW)
        assert digest() == [third, first, second]
        assert digest() == [third, first, second]
        give_feedback(reader.pk, papers[0], "more", NOW)
        assert digest() == [first, third, second]
        take_back_feedback(reader.pk, paper=papers[0])
        take_back_feedback(reader.pk, paper=liked)
        assert digest() == [first, second, third]
        give_feedback(reader.pk, papers[1], "less", NOW)
        assert digest() == [third, first, second]

    def test_another_readers_digest_stays_as_it_was(
        self, reader: Subscriber, papers: list[Paper]
    ) -> None:
        other = make_reader("diffusion policy", "RAG")
        before = digest(subscriber=other)
        give_feedback(reader.pk, papers[2], "more", NOW)
        assert digest(subscriber=other) == before != digest(subscriber=reader)

    def test_a_paper_beyond_the_readers_number_can_come_into_the_digest(
        self, reader: Subscriber, papers: list[Paper]
    ) -> None:
        Subscriber.objects.update(max_papers=1)
        give_feedback(reader.pk, papers[2], "more", NOW)
        assert digest() == [papers[2].pk]

    def test_a_passing_mention_never_comes_before_a_paper_on_a_topic(
        self, reader: Subscriber, papers: list[Paper]
    ) -> None:
        Subscriber.objects.update(wants_passing=True)
        topic = Topic.objects.get(query="RAG")
        TopicSense.objects.create(topic=topic, floor=99.0, due_at=NOW + DAY)
        for paper in papers[2:] + [paper_on("RAG", at=NOW - 20 * DAY) for _ in range(4)]:
            give_feedback(reader.pk, paper, "more", NOW)
        assert digest() == [papers[0].pk, papers[1].pk, papers[2].pk]

    @pytest.mark.usefixtures("papers")
    def test_leanings_cost_one_query_a_chunk_and_texts_one_a_run(self) -> None:
        def queries(readers: int) -> int:
            for _ in range(readers):
                pk = make_reader("diffusion policy", "RAG").pk
                Leaning.objects.create(
                    subscriber_id=pk, kind="word", term="prune", said="pruning", steps=1
                )
            with CaptureQueriesContext(
                connection,
            ) as seen:
                compose_due(NOW)
            return len(seen)

        queries(1)
        assert queries(2) == queries(12)


class TestLearning:
    def test_a_press_moves_topics_by_two_and_all_else_by_one(self, reader: Subscriber) -> None:
        for _ in range(2):
            paper_on("RAG", title="Pruning the Index of Whales")
        for n in range(40):
            paper_on("RAG", title=f"Whales {n}")
        paper = paper_on(
            "RAG",
            title="RAG and Pruning for Orcas among Whales",
            categories=["cs.IR", "cs.CL"],
            organization="NVIDIA",
        )
        give_feedback(reader.pk, paper, "more", NOW)
        assert leanings(reader) == {
            ("topic", "RAG"): 2,
            ("category", "cs.IR"): 1,
            ("organization", "NVIDIA"): 1,
            ("word", "pruning"): 1,
        }

    def test_saying_it_twice_changes_nothing_and_the_opposite_replaces_it(
        self, reader: Subscriber
    ) -> None:
        paper = paper_on("RAG")
        give_feedback(reader.pk, paper, "more", NOW)
        given = give_feedback(reader.pk, paper, "more", NOW + DAY)
        assert (leanings(reader), given.given_at) == ({("topic", "RAG"): 2}, NOW)
        give_feedback(reader.pk, paper, "less", NOW + DAY)
        assert leanings(reader) == {("topic", "RAG"): -2}
        assert take_back_feedback(reader.pk, paper=paper)
        assert leanings(reader) == {("topic", "RAG"): 2}
        assert Feedback.objects.get().given_at == NOW
        assert str(Feedback.objects.get()) == f"{reader} wants more like {paper}"
        assert take_back_feedback(reader.pk, paper=paper)
        assert not take_back_feedback(reader.pk, paper=paper)
        assert leanings(reader) == {}

    def test_what_was_said_first_is_taken_back_without_what_was_said_after(
        self, reader: Subscriber
    ) -> None:
        first, second = paper_on("RAG"), paper_on("RAG", categories=["cs.CL"])
        give_feedback(reader.pk, first, "more", NOW)
        give_feedback(reader.pk, second, "more", NOW)
        take_back_feedback(reader.pk, paper=first)
        assert leanings(reader) == {("topic", "RAG"): 2, ("category", "cs.CL"): 1}

    def test_undo_restores_what_had_to_make_room_and_what_was_at_its_bound(
        self, reader: Subscriber
    ) -> None:
        for n in range(11):
            give_feedback(reader.pk, make_paper(categories=[f"cs.{n:02}"]), "more", NOW)
        for _ in range(4):
            give_feedback(reader.pk, paper_on("RAG"), "more", NOW)
        before = leanings(reader)
        assert (len(before), before["topic", "RAG"]) == (12, 6)
        paper = paper_on("RAG", organization="NVIDIA")
        given = give_feedback(reader.pk, paper, "more", NOW)
        assert set(before) - set(leanings(reader)) == {("category", "cs.00")}
        assert describe_effect(compute_effect(given), DONE, is_more=True) == (
            "Papers from NVIDIA now come a little earlier in your digest. "
            "Papers on “RAG” already come as early as they can. "
            "To make room, what was learned about papers in cs.00 was forgotten: "
            "12 leanings are the most there can be."
        )
        take_back_feedback(reader.pk, paper=paper)
        assert leanings(reader) == before

    def test_what_is_pressed_itself_is_not_said_to_give_way(self, reader: Subscriber) -> None:
        for n in range(12):
            for _ in range(2 if n else 1):
                give_feedback(reader.pk, make_paper(categories=[f"cs.{n:02}"]), "more", NOW)
        press = foresee_effect(reader, make_paper(categories=["cs.00"]), "less", NOW)
        assert [(c.said, c.before, c.after) for c in press.changes] == [("cs.00", 1, 0)]
        assert press.pushed_out == []

    @pytest.mark.parametrize("seed", range(3))
    def test_whatever_was_pressed_each_undo_is_exact_and_all_of_them_leave_nothing(
        self, reader: Subscriber, seed: int
    ) -> None:
        dice = random.Random(seed)
        papers = [
            paper_on(dice.choice(["RAG", "diffusion policy"]), categories=[f"cs.{n % 3}"])
            for n in range(5)
        ]
        for _ in range(15):
            paper, kind = dice.choice(papers), dice.choice(["more", "less"])
            before = leanings(reader)
            if not reader.feedback.filter(paper=paper, kind=kind).exists():
                give_feedback(reader.pk, paper, kind, NOW)
                take_back_feedback(reader.pk, paper=paper)
                assert leanings(reader) == before
            give_feedback(reader.pk, paper, kind, NOW)
        for paper in dice.sample(papers, len(papers)):
            while take_back_feedback(reader.pk, paper=paper):
                pass
        assert leanings(reader) == {}

    def test_an_old_paper_whose_matches_are_gone_still_moves_its_topics(
        self, reader: Subscriber
    ) -> None:
        paper = make_paper(title="A Diffusion Policy for Orcas", news_at=NOW - 60 * DAY)
        give_feedback(reader.pk, paper, "less", NOW)
        assert leanings(reader)[("topic", "diffusion policy")] == -2

    def test_a_topic_that_can_no_longer_be_read_is_passed_over(self, reader: Subscriber) -> None:
        Interest.objects.create(subscriber=reader, topic=make_topic("-power"))
        give_feedback(reader.pk, make_paper(title="Orcas", categories=["cs.SD"]), "more", NOW)
        assert leanings(reader) == {("category", "cs.SD"): 1}

    def test_the_leaning_of_a_topic_rests_while_it_is_not_followed(
        self, reader: Subscriber
    ) -> None:
        given = give_feedback(reader.pk, paper_on("RAG"), "more", NOW)
        rag = reader.interests.get(topic__query="RAG")
        rag.delete()
        assert not reader.standing_leanings
        give_feedback(reader.pk, paper_on("diffusion policy"), "more", NOW)
        assert leanings(reader) == {("topic", "diffusion policy"): 2}
        assert compute_effect(given).changes == []
        Interest.objects.create(subscriber=reader, topic=rag.topic)
        give_feedback(reader.pk, paper_on("diffusion policy"), "more", NOW)
        assert leanings(reader) == {("topic", "diffusion policy"): 4, ("topic", "RAG"): 2}

    def test_what_was_said_of_a_paper_outlives_it_and_can_still_be_taken_back(
        self, reader: Subscriber
    ) -> None:
        papers = [paper_on("RAG", title="Orcas", categories=["cs.SD"]) for _ in range(2)]
        for paper in papers:
            give_feedback(reader.pk, paper, "more", NOW)
            paper.delete()
        before = leanings(reader)
        give_feedback(reader.pk, paper_on("diffusion policy"), "more", NOW)
        assert leanings(reader) == before | {("topic", "diffusion policy"): 2}
        first = reader.feedback.filter(paper=None).first()
        assert first
        assert str(first) == f"{reader} wants more like Orcas"
        assert take_back_feedback(reader.pk, pk=first.pk)
        assert leanings(reader)["category", "cs.SD"] == 1

    def test_what_a_reader_removes_does_not_come_back_by_an_undo(self, reader: Subscriber) -> None:
        paper = paper_on("RAG", categories=["cs.CL"])
        give_feedback(reader.pk, paper, "more", NOW)
        give_feedback(reader.pk, paper, "less", NOW)
        forget_leaning(reader.pk, reader.leanings.get(kind="topic").pk)
        forget_leaning(reader.pk, 0)
        assert leanings(reader) == {("category", "cs.CL"): -1}
        take_back_feedback(reader.pk, paper=paper)
        assert leanings(reader) == {("category", "cs.CL"): 1}

    def test_all_that_was_learned_can_be_removed_at_once(self, reader: Subscriber) -> None:
        other = make_reader("RAG")
        for pk in (reader.pk, other.pk):
            give_feedback(pk, paper_on("RAG"), "more", NOW)
        forget_all_feedback(reader.pk)
        assert (leanings(reader), reader.feedback.count()) == ({}, 0)
        assert leanings(other) == {("topic", "RAG"): 2}

    def test_a_deleted_subscriber_leaves_nothing_behind(self, reader: Subscriber) -> None:
        paper = paper_on("RAG")
        give_feedback(reader.pk, paper, "more", NOW)
        SavedPaper.objects.create(subscriber=reader, paper=paper, saved_at=NOW)
        reader.delete()
        assert not Leaning.objects.exists()
        assert not Feedback.objects.exists()
        assert not SavedPaper.objects.exists()

    def test_all_that_a_reader_said_can_be_taken_along(self, reader: Subscriber) -> None:
        paper = paper_on("RAG", title="Orcas")
        give_feedback(reader.pk, paper, "less", NOW)
        SavedPaper.objects.create(subscriber=reader, paper=paper, saved_at=NOW)
        held = export_subscriber(reader)
        assert [(row["paper"], row["kind"]) for row in held["feedback"]] == [("Orcas", "less")]
        assert [(row["said"], row["steps"]) for row in held["leanings"]] == [("RAG", -2)]
        assert [row["paper"] for row in held["saved papers"]] == ["Orcas"]
