"""Who stands in two lists of authors, however each source writes names."""

from __future__ import annotations

import pytest

from digest.ingest.people import name_same_people, share_an_author


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lunt", "Lunt, Ada"),
        ("Ada Lunt", "Lunt A"),
        ("Ada Lunt", "A. Lunt"),
        ("Ada B. Lunt", "Ada Lunt"),
        ("Jörg Øre", "Joerg Ore"),
        ("Łukasz Wałęsa", "Lukasz Walesa"),
        ("Fei-Fei Li", "F. Li"),
        ("Jean-Pierre Serre", "J.-P. Serre"),
        ("Yann Le Cun", "Y. LeCun"),
        ("Wei Wang", "Wang Wei"),
        ("Madonna", "Madonna"),
        ("The ATLAS Collaboration", "ATLAS Collaboration"),
    ],
)
def test_one_person_is_known_in_both_lists(one: str, other: str) -> None:
    assert share_an_author(["Bo Karr", one], [other, "Cy Poe"])


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada Lunt", "Bo Lunt"), ("Lei Li", "Fei-Fei Li"), ("Ada Lunt", "Ada Karr"), ("Ada Lunt", "")],
)
def test_people_of_one_family_name_are_not_one(one: str, other: str) -> None:
    assert not share_an_author([one], [other] if other else [])


def test_two_lists_are_of_the_same_people_whatever_the_order() -> None:
    assert name_same_people(["A. Lunt", "B. Karr"], ["Bo Karr", "Ada Lunt"])
    assert not name_same_people(["A. Lunt"], ["Ada Lunt", "Bo Karr"])
