"""A paper can be taken into a bibliography as it is spelled."""

from __future__ import annotations

import pytest

from digest.models import Paper
from digest.web.api.bibtex import write_bibtex
from tests.factories import NOW


def test_an_arxiv_paper_is_cited_with_its_number_category_and_capitals() -> None:
    paper = Paper(
        identifier="arxiv:2604.01234",
        title="LoRA & the 100% Rule",
        authors=["Ada Lovelace", "The A, B and C Team"],
        categories=["cs.CL", "cs.LG"],
        url="https://arxiv.org/abs/2604.01234",
        published_at=NOW,
    )
    assert write_bibtex(paper).splitlines() == [
        "@misc{lovelace2026lora,",
        r"  title = {{LoRA} \& the 100\% Rule},",
        "  author = {Ada Lovelace and {The A, B and C Team}},",
        "  year = {2026},",
        "  eprint = {2604.01234},",
        "  archivePrefix = {arXiv},",
        "  primaryClass = {cs.CL},",
        "  url = {https://arxiv.org/abs/2604.01234}",
        "}",
    ]


@pytest.mark.parametrize(
    ("identifier", "line"),
    [("doi:10.1000/a_b", r"  doi = {10.1000/a_b}"), ("url:https://lab.example.org/x", "")],
)
def test_any_paper_can_be_cited(identifier: str, line: str) -> None:
    paper = Paper(identifier=identifier, title="扩散 {x}", url="javascript:1", published_at=NOW)
    entry = write_bibtex(paper)
    assert entry.startswith("@misc{anon2026")
    assert r"title = {扩散 \textbraceleft{}x\textbraceright{}}" in entry
    assert line in entry
    assert "javascript" not in entry
    assert entry.count("{") == entry.count("}")


def test_signs_within_a_word_of_capitals_stay_escaped() -> None:
    paper = Paper(identifier="url:x", title="50% of R&D in SWE_BENCH", published_at=NOW)
    assert r"title = {50\% of R\&D in {SWE\_BENCH}}" in write_bibtex(paper)


def test_a_category_cannot_end_its_own_field() -> None:
    paper = Paper(
        identifier="arxiv:2604.01234", title="T", categories=["x}, note = {y"], published_at=NOW
    )
    assert "primaryClass = {x\\textbraceright{}, note = \\textbraceleft{}y}" in write_bibtex(paper)


def test_hyphens_signs_and_braces_come_out_as_they_went_in() -> None:
    paper = Paper(
        identifier="doi:10.1/(a{b",
        title="a--b---c: x < y_1 | z",
        authors=["A } B"],
        url="https://example.org/{a",
        published_at=NOW,
    )
    entry = write_bibtex(paper)
    assert r"title = {a-{}-b-{}-{}-c: x \textless{} y\_1 \textbar{} z}" in entry
    assert "doi = {10.1/(a%7Bb}" in entry
    assert "url = {https://example.org/%7Ba}" in entry
    assert entry.count("{") == entry.count("}")
