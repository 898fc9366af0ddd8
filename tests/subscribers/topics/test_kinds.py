"""Other names of topics and kinds of them, as they are listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from subscribers.topics import normal_form, parse_topic
from subscribers.topics.kinds import (
    _LISTED,
    OF_A_KIND,
    OPENING_WORDS,
    _read_name,
    find_kind,
    is_listed_kind,
    is_mark,
    list_kinds,
    mark_kinds,
    read_line,
)
from subscribers.topics.stems import make_singular

_ROOT = Path(__file__).parents[3]
_USUAL = 100  # words: stop words, "learning", "model"
_ALIKE = (" grasp ", " interpret ")  # both words mean the same: a grasp and grasping


def _list_spelled(query: str) -> list[str]:
    return [kind.spelled for mark in mark_kinds(parse_topic(query)) for kind in list_kinds(mark)]


def test_a_topic_has_the_kinds_that_are_listed_and_each_of_its_names_has_them_too() -> None:
    assert "dehazing" in _list_spelled("image restoration")
    assert "dehazing" in _list_spelled("Image Restorations")
    assert {"synthetic aperture radar", "PolSAR"} <= set(_list_spelled("SAR"))
    assert {"SAR", "PolSAR"} <= set(_list_spelled("synthetic aperture radar"))


def test_a_kind_is_told_from_another_name_of_the_topic() -> None:
    topic = parse_topic("super-resolution")
    assert is_listed_kind(topic, "resolution enhancement")
    assert is_listed_kind(topic, "Resolution Enhancements")
    assert not is_listed_kind(topic, "upscaling")  # is another name
    assert not is_listed_kind(topic, "dehazing")
    assert not is_listed_kind(parse_topic('"super-resolution"'), "resolution enhancement")


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


def test_without_one_in_the_title_the_kind_that_the_abstract_opens_with_is_told() -> None:
    opens = "We study Deraining. " + "Other words follow, and " * OPENING_WORDS + "dehazing."
    assert find_kind(["~imag_restor"], "A Survey", opens) == "Deraining"
    assert find_kind(["~imag_restor"], "A Survey of Dehazing", opens) == "Dehazing"
    assert find_kind(["~imag_restor"], "A Survey", opens.replace("Deraining", "Rain")) == ""


def test_every_line_of_the_list_can_be_typed_and_repeats_nothing() -> None:
    topics = [_read_name(names[0]) for names, _ in _list_lines()]
    assert len(topics) == len(set(topics)) > 1_800
    for names, kinds in _list_lines():
        assert names + kinds == list(dict.fromkeys(names + kinds)), names
        assert not {_read_name(name) for name in names} & set(map(_read_name, kinds)), names
        for name in names:
            assert mark_kinds(parse_topic(name)), name
        assert all(one.strip() == one and normal_form(one).strip() for one in (*names, *kinds))


def test_no_kind_of_one_word_is_common_or_shares_its_stem_with_another_common_word() -> None:
    words = (_ROOT / "bench" / "word_counts.txt").read_text(encoding="utf-8").split()[::2]
    usual = {make_singular(word) for word in words[:_USUAL]}
    with_stem = dict[str, set[str]]()
    for word in words:
        with_stem.setdefault(normal_form(word), set()).add(make_singular(word))
    for names, kinds in _list_lines():
        for kind in [*(names if len(names) > 1 else ()), *kinds]:
            if " " not in (form := normal_form(kind)).strip() and form not in _ALIKE:
                one = make_singular(kind.lower())
                assert one not in usual, kind
                assert with_stem.get(form, set()) <= {one}, kind


def _list_lines() -> list[tuple[list[str], list[str]]]:
    lines = _LISTED.read_text(encoding="utf-8").splitlines()
    return [read_line(line) for line in lines if line and not line.startswith("#")]
