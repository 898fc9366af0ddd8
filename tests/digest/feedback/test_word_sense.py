"""*Less* on a paper teaches in which sense a single word is not meant, for that topic alone."""

from __future__ import annotations

from typing import Any

import pytest

from digest.compose import compose_due
from digest.compose.features import Trait
from digest.feedback.effect_text import DONE, describe_effect
from digest.feedback.rank_shift import measure_rank_shift
from digest.feedback.record import compute_effect, give_feedback, take_back_feedback
from digest.feedback.word_sense import list_sense_traits
from digest.models import Delivery, Paper
from subscribers.models import Subscriber
from subscribers.topics import normal_form
from tests.factories import NOW, make_match, make_paper, make_reader, note_sources_read

pytestmark = pytest.mark.django_db


def paper_on(query: str, title: str, strength: float = 5.0, **fields: Any) -> Paper:
    paper = make_paper(title=title, normal_form=normal_form(title), **fields)
    make_match(paper, query, strength)
    return paper


def digest(reader: Subscriber) -> list[int]:
    """The papers of a digest composed now, as if it were the first try."""
    note_sources_read()
    Delivery.objects.all().delete()
    Subscriber.objects.update(next_digest_at=None)
    compose_due(NOW)
    return [item["id"] for item in reader.deliveries.get().contents["papers"]]


def test_papers_of_that_sense_come_later_and_no_others_until_it_is_taken_back() -> None:
    reader = make_reader("bias", "cameras")
    pressed = paper_on("bias", "Camera bias of thermal sensors", 6.0)
    same = paper_on("bias", "On camera biases", 5.0)
    other = paper_on("bias", "Inductive bias of transformers", 3.0)
    elsewhere = paper_on("cameras", "Cameras without any camera bias", 4.0)
    assert digest(reader) == [pressed.pk, same.pk, elsewhere.pk, other.pk]
    given = give_feedback(reader.pk, pressed, "less", NOW)
    assert digest(reader) == [elsewhere.pk, other.pk, pressed.pk, same.pk]
    effect = compute_effect(given)
    said = describe_effect(effect, DONE, is_more=False)
    assert said.casefold().startswith("papers that say “camera bias” now come a little later")
    assert measure_rank_shift(reader, effect.before, effect.after, NOW).alike >= 2
    said_of = {row.kind: f"{row.what}: {row.how}" for row in reader.standing_leanings}
    assert said_of["sense"].casefold() == "papers that say “camera bias”: much later"
    take_back_feedback(reader.pk, paper=pressed)
    assert digest(reader) == [pressed.pk, same.pk, elsewhere.pk, other.pk]


def test_a_sense_goes_with_its_topic() -> None:
    reader = make_reader("bias")
    give_feedback(reader.pk, paper_on("bias", "Camera bias"), "less", NOW)
    assert [row.kind for row in reader.standing_leanings if row.kind == "sense"] == ["sense"]
    reader.interests.all().delete()
    assert not [row for row in reader.standing_leanings if row.kind in ("sense", "topic")]


def test_more_teaches_no_sense() -> None:
    reader = make_reader("bias")
    give_feedback(reader.pk, paper_on("bias", "Camera bias"), "more", NOW)
    assert "sense" not in reader.leanings.values_list("kind", flat=True)


@pytest.mark.parametrize(
    ("query", "title", "abstract", "said"),
    [
        ("bias", "Camera bias", "", ["camera bias"]),
        ("bias", "The bias voltage of a diode", "", ["bias voltage"]),
        ("bias", "On bias", "We measure inductive biases.", ["inductive biases"]),
        ("bias", "On bias", "", []),
        ("inductive bias", "Inductive bias", "", []),
        ("bias + camera", "Camera bias", "", []),
        ("RAG", "Agentic RAG", "", ["Agentic RAG"]),
    ],
)
def test_the_sense_is_told_by_the_word_beside_it(
    query: str, title: str, abstract: str, said: list[str]
) -> None:
    paper = make_paper(title=title, abstract=abstract)
    traits = list_sense_traits(paper, [Trait("topic", "7", query)])
    assert [trait.said.casefold() for trait in traits] == [one.casefold() for one in said]
    assert all(trait.term.startswith("7 ") for trait in traits)
