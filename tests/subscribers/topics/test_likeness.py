"""How like a paper is to those that a topic was found in."""

from __future__ import annotations

from math import sqrt

import pytest

from subscribers.topics import (
    Profiles,
    Text,
    UsualPaper,
    Weights,
    count_stems,
    read_text,
    weigh_stems,
)

TITLES = [
    "Rewards of a policy in games",
    "A policy learns from rewards",
    "Rewards and returns of games",
    "Rivers and lakes",
    "Lakes in winter",
    "Snow upon rivers",
    "Stars and comets",
    "A comet passes",
    "Bread of rye",
    "Rye and barley",
]
STATISTICS = count_stems(read_text(Text(title)).normal_form for title in TITLES)


def weights(title: str, abstract: str = "") -> Weights:
    return weigh_stems(read_text(Text(title, abstract), statistics=STATISTICS))


def profiles(*topics: list[str]) -> Profiles:
    usual = UsualPaper()
    for title in TITLES:
        usual.add_paper(weights(title))
    return Profiles([[(1.0, weights(title)) for title in titles] for titles in topics], usual)


def test_a_paper_weighs_one_and_its_rare_words_weigh_most() -> None:
    stems, heavy = weights("Rewards of snow")
    by_stem = dict(zip(stems, heavy, strict=True))
    assert sqrt(sum(weight * weight for weight in heavy)) == pytest.approx(1.0)
    assert by_stem["snow"] > by_stem["reward"]
    assert weights("…") == ((), weights("").weights)


def test_what_stands_beside_a_topic_is_like_it_and_what_stands_elsewhere_is_not() -> None:
    play, water = profiles(TITLES[:2], TITLES[3:5]).measure_likeness(weights("Rewards in games"))
    assert 1 >= play > 0 > water >= -1


def test_the_stronger_a_find_the_more_it_says() -> None:
    usual = UsualPaper()
    usual.add_paper(weights("Nothing else"))
    river, lake = weights("Rivers"), weights("Lakes")
    one, other = Profiles(
        [[(3.0, river), (1.0, lake)], [(1.0, river), (3.0, lake)]], usual
    ).measure_likeness(river)
    assert one > other > 0


def test_nothing_is_like_a_topic_that_was_found_nowhere() -> None:
    assert profiles([], TITLES[:1]).measure_likeness(weights("Rivers"))[0] == 0.0


def test_what_a_paper_itself_gave_to_a_topic_does_not_make_it_like_it() -> None:
    paper = weights(TITLES[0])
    both, one = profiles(TITLES[:2]), profiles(TITLES[:1])
    assert both.measure_likeness(paper)[0] > both.measure_likeness(paper, {0: 0.5})[0]
    assert one.measure_likeness(paper, {0: 1.0})[0] < 0 < one.measure_likeness(paper)[0]
