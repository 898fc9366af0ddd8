"""Names out of the fields of feeds, given name first, nobody twice."""

from __future__ import annotations

import pytest

from digest.ingest.text.names import list_names


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (["Lunt, Ada; Karr, Bo"], ["Ada Lunt", "Bo Karr"]),
        (["Lunt, Ada", "Karr, Bo"], ["Ada Lunt", "Bo Karr"]),
        (["Lunt, A., Karr, B., van der Poe, C. D."], ["A. Lunt", "B. Karr", "C. D. van der Poe"]),
        (["Lunt A, Karr B, Poe C, et al. "], ["A Lunt", "B Karr", "C Poe"]),
        (["Parizotto D, Melo G. "], ["D Parizotto", "G Melo"]),
        (["Ada Lunt https://orcid.org/0000-0002-1825-0097", "Bo Karr"], ["Ada Lunt", "Bo Karr"]),
        (["Lunt A. B., Karr C."], ["A. B. Lunt", "C. Karr"]),
        (["Smith, J., Jones, K. L. and Brown, T."], ["J. Smith", "K. L. Jones", "T. Brown"]),
        (["Ada Lunt and Bo Karr"], ["Ada Lunt", "Bo Karr"]),
        (["Ada Lunt | Bo Karr"], ["Ada Lunt", "Bo Karr"]),
        (["Plato, Ada Lunt, OpenAI"], ["Plato", "Ada Lunt", "OpenAI"]),
        (["Yao Wang, The ATLAS Collaboration"], ["Yao Wang", "The ATLAS Collaboration"]),
        (["Theodore Roosevelt IV"], ["Theodore Roosevelt IV"]),
        (["Doe, Jane, Jr."], ["Jane Doe, Jr."]),
        (["Bo Karr 0002"], ["Bo Karr"]),
        (["李明；王伟"], ["李明", "王伟"]),
        (["Jane Doe (MIT), Bo Karr*"], ["Jane Doe", "Bo Karr"]),
        (["jane@lab.example.org (Jane Doe)"], ["Jane Doe"]),
        (["By Ada Lunt"], ["Ada Lunt"]),
        (["J.-P. Serre", "Le Cun Y"], ["J.-P. Serre", "Le Cun Y"]),
        (["A. Lunt and 12 others"], ["A. Lunt"]),
        (["Ada Lunt, Bo Karr, 3 more authors"], ["Ada Lunt", "Bo Karr"]),
        (["LUNT Ada, KARR Bo"], ["Ada LUNT", "Bo KARR"]),
        (["IBM Research", "Ada Lunt"], ["IBM Research", "Ada Lunt"]),
        (["Unknown"], []),
        (["et al."], []),
        (["N/A", "Anonymous", "佚名"], []),
        (["Ada Lunt", "Ada Lunt"], ["Ada Lunt"]),
    ],
)
def test_names_are_read_as_they_are_said(fields: list[str], names: list[str]) -> None:
    assert list(list_names(fields)) == names
