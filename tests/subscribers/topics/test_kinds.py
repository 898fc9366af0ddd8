"""Other names of topics and kinds of them, as they are listed."""

from __future__ import annotations

import pytest

from subscribers.topics import normal_form, parse_topic
from subscribers.topics.kinds import (
    _LISTED,
    OF_A_KIND,
    find_kind,
    is_mark,
    list_kinds,
    mark_kinds,
    read_line,
)


def _list_spelled(query: str) -> list[str]:
    return [kind.spelled for mark in mark_kinds(parse_topic(query)) for kind in list_kinds(mark)]


def test_a_topic_has_the_kinds_that_are_listed_and_each_of_its_names_has_them_too() -> None:
    assert "dehazing" in _list_spelled("image restoration")
    assert "dehazing" in _list_spelled("Image Restorations")
    assert {"synthetic aperture radar", "PolSAR"} <= set(_list_spelled("SAR"))
    assert {"SAR", "PolSAR"} <= set(_list_spelled("synthetic aperture radar"))


def test_a_kind_does_not_bring_the_wider_topic_back() -> None:
    assert "SAR" not in _list_spelled("PolSAR")
    assert "image restoration" not in _list_spelled("deraining")


@pytest.mark.parametrize(
    "query",
    [
        '"image restoration"',
        "title:SAR",
        "image restoration + video",
        "image restoration -video",
        "restoring pictures",
    ],
)
def test_what_says_exactly_what_it_wants_and_what_is_not_listed_has_none(query: str) -> None:
    assert mark_kinds(parse_topic(query)) == {}


def test_a_single_word_has_its_own_kinds_and_not_those_of_a_word_with_its_stem() -> None:
    assert normal_form("optimizer") == normal_form("optimization")
    assert "AdamW" in _list_spelled("optimizers")
    assert "AdamW" not in _list_spelled("optimization")


def test_all_kinds_of_a_topic_are_one_short_mark_that_is_no_stem() -> None:
    [(mark, weight)] = mark_kinds(parse_topic("image restoration")).items()
    assert (mark, weight) == ("~imag_restor", OF_A_KIND)
    assert is_mark(mark)
    assert not is_mark("restor")
    assert list_kinds("~gone_since") == ()


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("ZID-Net: Priors for Single-Image Dehazing", "Dehazing"),
        ("Inpainting and Low-Light Enhancement of Old Films", "Low-Light Enhancement"),
        ("Super Resolution, Faster", "Super Resolution"),
        ("Restoring Frescoes", ""),
    ],
)
def test_the_longest_kind_in_a_title_is_told_as_the_title_spells_it(title: str, found: str) -> None:
    assert find_kind(["haze", "~imag_restor"], title) == found
    assert find_kind(["haze", "imag"], title) == ""


def test_every_line_of_the_list_can_be_typed_and_repeats_nothing() -> None:
    lines = [line for line in _LISTED.read_text(encoding="utf-8").splitlines() if line]
    listed = [line for line in lines if not line.startswith("#")]
    topics = [names[0] for names, _ in map(read_line, listed)]
    assert len(topics) == len(set(topics)) > 400
    for line in listed:
        names, kinds = read_line(line)
        assert names + kinds == list(dict.fromkeys(names + kinds)), line
        for name in names:
            assert mark_kinds(parse_topic(name)), name
        assert all(normal_form(one).strip() for one in (*names, *kinds)), line
