"""The papers of a day by their words."""

from __future__ import annotations

import pytest

from digest.match.day_words import FOUND_BY_A_KIND, MOST_RANKED, OF_A_TITLE, DayWords
from subscribers.topics import measure_words, normal_form
from subscribers.topics.kinds import OF_A_KIND, OPENING_WORDS


def test_papers_are_ranked_by_how_much_they_say_the_words_and_far_ones_are_left_out() -> None:
    texts = {1: "Rivers", 2: "A gripper", 3: "A gripper grasps with a gripper", 4: "Grasps"}
    day = DayWords((pk, normal_form(text)) for pk, text in texts.items())
    ranked = day.rank_papers({"gripper": 1.0, "grasp": 0.1, "absent": 5.0})
    assert [pk for _, pk in ranked] == [3, 2]
    assert ranked[0][0] > ranked[1][0] >= 0.4


def test_only_the_nearest_are_ranked_and_equals_by_their_age() -> None:
    day = DayWords((pk, normal_form("A gripper")) for pk in range(40))
    assert [pk for _, pk in day.rank_papers({"gripper": 1.0})] == list(range(MOST_RANKED))


def test_one_word_alone_makes_a_paper_near_only_where_it_weighs_much() -> None:
    """A dense map is not near dense retrieval, and who repeats a topic of one word is near it."""
    texts = {1: "A dense map", 2: "Retrieval of dense vectors", 3: "Vectors of maps", 4: "Dense"}
    day = DayWords((pk, normal_form(text)) for pk, text in texts.items())
    weights = {"den": 0.28, "retriev": 0.28, "vector": 0.28}
    assert [pk for _, pk in day.rank_papers(weights)] == [2]
    assert [pk for _, pk in day.rank_papers({"den": 0.45})][:1] == [4]


def test_the_words_of_few_topics_alone_rank_papers_as_all_words_do() -> None:
    """The words of two papers at least overlap at their blanks: grip grip grip."""
    texts = {
        1: "Grips grips grips of robots",
        2: "A gripper | Robots grip what a gripper grips, and grip it again",
        3: "Rivers",
        4: "A river of grippers",
    }
    forms = [(pk, normal_form(text)) for pk, text in texts.items()]
    forms.append((5, " gripper grip | grip grip cup "))
    weights = {"grip": 0.7, "gripper": 0.4, "absent": 1.0}
    few = DayWords(forms, frozenset({*weights, "river"}))
    assert few.rank_papers(weights) == DayWords(forms).rank_papers(weights) != []
    assert few.has_words(weights)
    assert not few.has_words({"robot": 1.0})
    assert DayWords(forms).has_words({"robot": 1.0})


def test_a_kind_of_the_topic_brings_a_title_nearer_and_an_opening_by_half() -> None:
    """Dehazing is a kind of image restoration; one that an abstract speaks of later is none."""
    late = "words " * OPENING_WORDS + "and dehazing"
    texts = {
        1: "Dehazing | Degraded pictures made clear",
        2: "A detector | Degraded by what dehazing leaves",
        3: f"A detector | Degraded {late}",
        4: "Dehazing | Rivers",
        5: "A detector | Rivers after dehazing",
    }
    forms = [(pk, f" {' | '.join(map(_stem, text.split(' | ')))} ") for pk, text in texts.items()]
    weights = {"degrad": 0.25, "~imag_restor": OF_A_KIND}
    day = DayWords(forms)
    said = {pk: nearness for nearness, pk in day.rank_papers({"degrad": 5.0})}
    nearness = {pk: value for value, pk in day.rank_papers(weights)}
    assert nearness == pytest.approx(
        {
            1: said[1] / 20 + OF_A_KIND,
            2: said[2] / 20 + OF_A_KIND / 2,
            4: OF_A_KIND,  # in a title it is enough for whoever follows one topic
        },
        abs=1e-6,
    )
    few = DayWords(forms, frozenset(weights))
    assert few.has_words(weights)
    assert few.rank_papers(weights) == day.rank_papers(weights)


def test_a_title_names_a_kind_where_something_agrees_and_more_of_it_for_one_word() -> None:
    """Haze removal and dehazing are kinds of image restoration; the second is one word."""
    titles = {1: "Haze removal", 2: "Dehazing", 3: "A detector after haze removal", 4: "Dehazing"}
    day = DayWords([(pk, f" {_stem(text)} | river ") for pk, text in titles.items()])
    weights = {"river": 0.25, "~imag_restor": OF_A_KIND}

    def list_naming(nearness: float) -> list[int]:
        return [pk for pk in titles if day.names_kind(weights, pk, nearness)]

    assert list_naming(OF_A_KIND) == []  # nothing agrees
    assert list_naming(0.9) == [1, 3]
    assert list_naming(1.4) == [1, 2, 3, 4]
    assert not day.names_kind({"river": 0.25}, 1, 2.0)
    assert not DayWords([(1, " river | haze remov ")]).names_kind(weights, 1, 2.0)


def test_a_kind_of_one_word_that_one_paper_of_the_day_begins_with_is_named_as_others_are() -> None:
    """What another abstract opens with counts, and what it says later does not."""
    weights = {"river": 0.25, "~imag_restor": OF_A_KIND}
    one, late = f" {_stem('Dehazing')} | river ", "word " * OPENING_WORDS
    opening = f" river | {_stem('After dehazing')} "
    assert DayWords([(1, one), (2, f" river | {late} dehaz ")]).names_kind(weights, 1, 0.9)
    assert not DayWords([(1, one), (2, opening)]).names_kind(weights, 1, 0.9)
    assert not DayWords([(1, one)]).names_kind(weights, 1, OF_A_KIND)


def test_a_paper_holds_all_words_of_a_topics_name_or_begins_with_a_kind() -> None:
    """Deblurring is a kind of image restoration; "of" in a name is no word of it."""
    texts = {
        1: "Restored pictures | An image is restored",
        2: "Restored statues | How statues are restored",
        3: "Deblurring | A river",
        4: "Restored statues | After deblurring",
    }
    forms = {pk: " | ".join(map(_stem, text.split(" | "))) for pk, text in texts.items()}
    day = DayWords([(pk, f" {form} ") for pk, form in forms.items()])
    weights = {"restor": 0.5, "imag": 0.3, "~imag_restor": OF_A_KIND}

    def list_holding(weights: dict[str, float], nearness: float = 1.4) -> list[int]:
        return [pk for pk in texts if day.holds_name(weights, pk, nearness)]

    assert list_holding(weights) == [1, 3, 4]
    assert list_holding({"imag": 1.0, "~imag_of_restor": OF_A_KIND}) == [1]
    assert list_holding(weights, 0.6) == [1, 2, 3, 4]  # far: several topics must agree on it
    assert list_holding({"restor": 0.5, "imag": 0.3}) == [1, 2, 3, 4]  # no kinds are listed
    assert list_holding({"rag": 0.5, "~rag": OF_A_KIND}) == [1, 2, 3, 4]  # of one word


def test_a_kind_in_title_and_opening_is_named_by_these_alone_and_not_found() -> None:
    day = DayWords([(1, f" {_stem('Haze removal')} | {_stem('Haze removal for roads')} ")])
    weights = {"~imag_restor": OF_A_KIND}
    [(nearness, pk)] = day.rank_papers(weights)
    assert day.names_kind(weights, pk, nearness)
    assert nearness < FOUND_BY_A_KIND


def test_a_word_in_a_title_counts_more_than_being_said_as_much_elsewhere() -> None:
    forms = [(1, " gripper | a river "), (2, " a river | gripper ")]
    ranked = DayWords(forms).rank_papers({"gripper": 1.0, "river": 1.0})
    words = {pk: measure_words(form) for pk, form in forms}
    expected = {pk: said["gripper"] + said["river"] + OF_A_TITLE for pk, said in words.items()}
    assert {pk: value for value, pk in ranked} == pytest.approx(expected, abs=1e-6)


def _stem(text: str) -> str:
    return normal_form(text).strip()
