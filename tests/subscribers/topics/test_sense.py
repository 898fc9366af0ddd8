"""A topic's floor and the words beside it, from the papers it was found in."""

from __future__ import annotations

import pytest

from subscribers.topics import (
    NO_STATISTICS,
    TopicSense,
    compute_floor,
    count_stems,
    learn_weights,
    measure_words,
    normal_form,
    parse_topic,
    read_weights,
)
from subscribers.topics.sense import LEAST_FLOOR

MRI = parse_topic("MRI segmentation")
SPREAD = [2.6, 2.7, 2.8, 2.9, 3.0, 4.0, 4.5, 5.0]


def test_a_floor_lies_between_what_names_a_topic_in_passing_and_what_is_on_it() -> None:
    floor = compute_floor(MRI, SPREAD, 1_000)
    assert LEAST_FLOOR <= floor < 4.0
    in_many_papers = compute_floor(MRI, SPREAD, 50)
    assert floor < in_many_papers
    stronger = [2.0 + strength for strength in SPREAD]
    assert compute_floor(MRI, stronger, 1_000) > floor


def test_no_floor_lies_below_what_a_mention_in_passing_reaches() -> None:
    mentions = [2.0, 2.1, 2.1, 2.2, 2.2, 2.3, 2.3, 2.4, 2.4, 2.5]
    assert compute_floor(MRI, [*mentions, 3.0, 3.5, 4.0, 4.5, 5.0], 1_000) == LEAST_FLOOR
    assert compute_floor(MRI, mentions[:3], 1_000) == LEAST_FLOOR  # too few to say more
    assert compute_floor(MRI, [], 1_000) == 0.0


def test_a_floor_never_shuts_out_the_strongest_quarter() -> None:
    assert compute_floor(MRI, [0.6] * 12, 12) == 0.6


@pytest.mark.parametrize(
    ("query", "strengths"),
    [("author:lecun", SPREAD), ("cat:cs.CL", SPREAD), ("author:lecun", SPREAD[:3])],
)
def test_names_have_no_floor(query: str, strengths: list[float]) -> None:
    assert compute_floor(parse_topic(query), strengths, 100) == 0.0


FORMS = [
    normal_form("Atrial LGE segmentation. We segment the atrial wall in LGE scans"),
    normal_form("Segmentation of LGE. The scans of atrial walls"),
]
OTHERS = [normal_form(f"We study rivers and lakes {n}. The scans of rivers") for n in range(20)]


def test_the_words_beside_a_topic_are_those_its_papers_say_and_others_do_not() -> None:
    statistics = count_stems([*FORMS, *OTHERS])
    weights = learn_weights(MRI, [(3.0, measure_words(form)) for form in FORMS], statistics)
    assert weights is not None
    assert set(list(weights)[:4]) >= {"atrial", "lge"}
    # What finds have in common tells more than the topic's words standing apart.
    assert weights["atrial"] > 1.2 * weights["mri"]
    assert "mri" in weights  # its own words count, wherever they stand
    common = [stem for stem in weights if stem in ("the", "of", "we")]
    assert all(weights[stem] < weights["atrial"] / 3 for stem in common)


@pytest.mark.parametrize("query", ['"MRI segmentation"', "title:MRI", "MRI -brain", "author:lecun"])
def test_nothing_is_near_a_topic_that_says_exactly_what_it_wants(query: str) -> None:
    examples = [(1.0, measure_words(FORMS[0]))]
    assert learn_weights(parse_topic(query), examples, NO_STATISTICS) is None


def test_weights_are_read_as_they_were_written() -> None:
    weights = {"lge": 0.412, "se:3": 0.1}
    assert read_weights(TopicSense(0.0, weights).write_weights()) == weights
    assert TopicSense().write_weights() == ""
    assert read_weights("") == {}
