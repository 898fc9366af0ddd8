"""The papers of a day by their words."""

from __future__ import annotations

from digest.match.day_words import LEAST_NEARNESS, MOST_RANKED, DayWords
from subscribers.topics import normal_form
from subscribers.topics.kinds import OF_A_KIND


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


def test_a_title_with_a_kind_of_the_topic_is_nearer_if_its_words_are_near_at_all() -> None:
    """Dehazing is a kind of image restoration; a haze that is only spoken of is not."""
    texts = {
        1: "Dehazing | Degraded pictures made clear",
        2: "A detector | Degraded by what dehazing leaves",
        3: "Dehazing | Words of something else",
    }
    forms = [(pk, f" {' | '.join(map(_stem, text.split(' | ')))} ") for pk, text in texts.items()]
    weights = {"degrad": 0.25, "~imag_restor": 0.6}
    assert DayWords(forms).rank_papers({"degrad": 0.25}) == []  # one word alone
    [(nearness, nearest)] = DayWords(forms).rank_papers(weights)
    assert nearest == 1
    assert nearness > OF_A_KIND + LEAST_NEARNESS
    few = DayWords(forms, frozenset(weights))
    assert few.has_words(weights)
    assert few.rank_papers(weights) == DayWords(forms).rank_papers(weights)


def _stem(text: str) -> str:
    return normal_form(text).strip()
