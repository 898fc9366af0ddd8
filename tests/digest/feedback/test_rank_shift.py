"""The ranks that papers move are those of the next digest."""

from __future__ import annotations

import pytest

from digest.feedback.rank_shift import RankShift, measure_rank_shift
from digest.feedback.record import foresee_effect, give_feedback
from subscribers.models import Interest
from tests.digest.feedback.test_record import DAY, digest, paper_on
from tests.factories import NOW, make_match, make_reader, make_topic

pytestmark = pytest.mark.django_db


def test_the_places_that_papers_move_are_those_of_the_next_digest() -> None:
    reader = make_reader("diffusion policy", "RAG")
    liked = paper_on("RAG", at=NOW - 20 * DAY, categories=["cs.CL"])
    for strength in (3.0, 2.9, 2.8):
        paper_on("diffusion policy", strength)
    paper = paper_on("RAG", 2.5)
    make_match(paper, "orcas")
    make_match(paper_on("RAG", 9.0, title="Muted"), "muted")
    paper_on("RAG", 9.0, at=NOW + DAY)  # not yet news
    Interest.objects.create(subscriber=reader, topic=make_topic("muted"), mode="mute")
    press = foresee_effect(reader, liked, "more", NOW)
    assert digest().index(paper.pk) == 3
    assert measure_rank_shift(reader, press.before, press.after, NOW) == RankShift(4, 1, 3.0)
    give_feedback(reader.pk, liked, "more", NOW)
    assert digest().index(paper.pk) == 0
    assert measure_rank_shift(reader, press.after, press.after, NOW) == RankShift(4, 0, 0.0)
