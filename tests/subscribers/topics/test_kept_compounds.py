"""Acronyms with a small letter before them are one with the word that it stands for."""

from __future__ import annotations

from subscribers.topics.kept_compounds import KEPT, list_kept_compounds
from subscribers.topics.neighbourhoods import ReadPapers
from subscribers.topics.variants import Kind


def test_one_paper_is_enough_to_know_all_forms() -> None:
    found = list(list_kept_compounds(ReadPapers(["A functional MRI study", "Gulls"]), []))
    assert [(row.kind, row.spelled, row.other_spelled) for row in found] == [
        (Kind.HYPHEN, "fMRI", "f-MRI"),
        (Kind.COMPOUND, "fMRI", "functional MRI"),
    ]
    assert [(row.papers, row.other_papers) for row in found] == [(0, 0), (0, 1)]


def test_what_no_paper_has_or_what_was_learned_is_left_out() -> None:
    papers = ReadPapers(["An fMRI study"])
    assert not list(list_kept_compounds(ReadPapers(["Gulls on roofs"]), []))
    known = list(list_kept_compounds(papers, []))
    assert not list(list_kept_compounds(papers, known))


def test_each_is_an_acronym_behind_the_first_letter_of_its_word() -> None:
    assert all(short[0] == word[0] and short[1:].isupper() for short, word in KEPT[:-1])
