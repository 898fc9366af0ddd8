"""Citations told from prose."""

from __future__ import annotations

import pytest

from digest.ingest.text.citations import drop_citation, find_cited_doi, is_citation

PROSE = "We counted 214 nests in 2026 and found that roofs are better than the ground."


@pytest.mark.parametrize(
    "line",
    [
        "Journal of Gulls, Volume 12, Issue 4, Page 101-117, April 2026.",
        "ZooKeys 1076: 151-182",
        "Nature, Published online: 22 April 2026; doi:10.1038/s41586-026-01234-5",
        "J Gulls. 2026 Apr 22;12(4):101-117. doi: 10.5555/x. Online ahead of print.",
        "Volume 27, Issue 2, April 2026, Page 55-70",
        "屋顶学报 2026年 第12卷 第4期",
    ],
)
def test_a_citation_is_told(line: str) -> None:
    assert is_citation(line)


@pytest.mark.parametrize(
    "line", [PROSE, "", "In volume 2 we show how gulls nest on roofs of 1990.", "Gulls on roofs."]
)
def test_prose_is_no_citation(line: str) -> None:
    assert not is_citation(line)


def test_a_citation_is_taken_from_before_the_prose() -> None:
    citation = "Nature, Published online: 22 April 2026; doi:10.1038/s41586-026-01234-5"
    assert drop_citation(f"{citation} {PROSE}") == (PROSE, citation)
    assert drop_citation("Ada Lunt and Bo Karr 2026 J. Phys. 1 2")[0] == ""
    assert drop_citation(PROSE) == (PROSE, "")


def test_only_a_doi_that_is_called_one_is_the_papers_own() -> None:
    assert find_cited_doi("Nature; doi:10.1038/x1") == "10.1038/x1"
    assert find_cited_doi("after 10.1038/x1") == ""
