"""What a press does is said in whole sentences."""

from __future__ import annotations

import re

import pytest

from digest.feedback.effect_text import DONE, NOTHING, WILL, describe_effect, describe_rank_shift
from digest.feedback.rank_shift import RankShift
from digest.feedback.record import Change, Effect, foresee_effect
from tests.factories import NOW, make_match, make_paper, make_reader

pytestmark = pytest.mark.django_db


def effect(*changes: Change) -> Effect:
    return Effect(list(changes), [], {}, {})


def change(kind: str, said: str, before: int = 0, after: int = 1) -> Change:
    return Change(kind, said, before, after)


class TestTheWords:
    def test_a_press_says_what_it_will_do_and_what_it_did(self) -> None:
        changes = [
            change("topic", "RAG"),
            change("category", "cs.CL"),
            change("organization", "NVIDIA"),
            change("word", "pruning"),
            change("word", "cache"),
        ]
        rest = (
            "papers in cs.CL, papers from NVIDIA and papers with “pruning” or “cache” in the title"
        )
        assert describe_effect(effect(*changes), DONE, is_more=True) == (
            f"Papers on “RAG” now come a little earlier in your digest; so do {rest}."
        )
        lowered = [change(c.kind, c.said, 0, -1) for c in changes]
        assert describe_effect(effect(*lowered), WILL, is_more=False) == (
            f"Papers on “RAG” will come a little later in your digest; so will {rest}."
        )

    def test_two_topics_are_named_together(self) -> None:
        changes = [change("topic", "RAG"), change("topic", "LLM agents")]
        said = describe_effect(effect(*changes), DONE, is_more=True)
        assert said == "Papers on “RAG” and “LLM agents” now come a little earlier in your digest."

    def test_what_is_at_its_bound_is_said_to_be_there(self) -> None:
        changes = [change("topic", "RAG", 6, 6), change("category", "cs.CL", 3, 4)]
        assert describe_effect(effect(*changes), DONE, is_more=True) == (
            "Papers in cs.CL now come a little earlier in your digest. "
            "Papers on “RAG” already come as early as they can."
        )
        changes = [change("topic", "RAG", -6, -6), change("category", "cs.CL", -4, -4)]
        assert describe_effect(effect(*changes), WILL, is_more=False) == (
            "Papers on “RAG” and papers in cs.CL already come as late as they can."
        )

    def test_what_finds_no_room_is_said_in_a_few_names(self) -> None:
        topics = [change("topic", f"T{n}", 0, 2 if n < 12 else 0) for n in range(50)]
        room = "12 leanings are the most there can be."
        assert describe_effect(effect(*topics), DONE, is_more=True) == (
            "Papers on “T0”, “T1”, “T2” and 9 more now come a little earlier in your digest. "
            f"There is no room to learn about papers on “T12”, “T13”, “T14” and 35 more: {room}"
        )
        weak = effect(change("topic", "RAG", 2, 4), change("category", "cs.CL", 1, 0))
        assert describe_effect(weak, DONE, is_more=True) == (
            "Papers on “RAG” now come a little earlier in your digest. "
            f"To make room, what was learned about papers in cs.CL was forgotten: {room}"
        )

    def test_a_press_that_fifty_topics_share_is_told_in_short(self) -> None:
        reader, paper = make_reader(*[f"topic {n}" for n in range(50)]), make_paper()
        for n in range(50):
            make_match(paper, f"topic {n}")
        said = describe_effect(foresee_effect(reader, paper, "less", NOW), WILL, is_more=False)
        assert re.match(
            r"Papers on (“topic \d+”, ){2}“topic \d+” and 9 more will come a little", said
        )
        assert " and 35 more: 12 leanings" in said

    @pytest.mark.parametrize(
        ("places", "done", "will"),
        [
            (RankShift(1, 1, 0.0), "", ""),
            (RankShift(9, 0, 0.0), "none is like this.", "none is like this."),
            (
                RankShift(43, 6, 2.6),
                "the 6 like this now stand about 3 places higher.",
                "the 6 like this would stand about 3 places higher.",
            ),
            (
                RankShift(43, 1, -1.0),
                "the one like this now stands about 1 place lower.",
                "the one like this would stand about 1 place lower.",
            ),
            (
                RankShift(2, 2, 0.2),
                "the 2 like this keep their places.",
                "the 2 like this would keep their places.",
            ),
        ],
    )
    def test_places_are_said_as_they_are_counted(
        self, places: RankShift, done: str, will: str
    ) -> None:
        assert describe_rank_shift(places, DONE).rpartition("days, ")[2] == done
        assert describe_rank_shift(places, WILL).rpartition("days, ")[2] == will

    def test_where_nothing_can_be_learned_it_says_so(self) -> None:
        reader, paper = make_reader(), make_paper(title="Orca")
        assert describe_effect(
            foresee_effect(reader, paper, "more", NOW), WILL, is_more=True
        ) == str(NOTHING)
