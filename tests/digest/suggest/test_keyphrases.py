"""Phrases are proposed for what papers are about, and not for how they speak."""

from __future__ import annotations

import pytest

from digest.match import match_papers
from tests.digest.suggest.pasted import ABOUT, HOW, queries
from tests.factories import NOW, make_paper


@pytest.mark.django_db
@pytest.mark.usefixtures("field")
@pytest.mark.parametrize("form", ["bibtex", "titles", "listing"])
def test_what_papers_are_about_is_proposed_and_how_they_speak_is_not(form: str) -> None:
    entries = "".join(f"@a{{k, title={{{t}}}, abstract={{{HOW} {t}.}}}}" for t in ABOUT)
    pasted = {"bibtex": entries, "titles": "\n".join(ABOUT), "listing": "arxiv.org/list/cs.RO/new"}
    found = queries(pasted[form])
    assert {"grasp planning", "tactile sensing", "world models"} <= set(found)
    assert set(found) <= {"grasp planning", "tactile sensing", "world models", "cat:cs.RO"}


@pytest.mark.django_db
def test_an_acronym_and_its_long_form_are_one_proposal() -> None:
    for n in range(6):
        make_paper(
            title=f"Grasp planning networks (GPN) in setting {n}",
            abstract="A GPN grasps. A GPN is it.",
        )
    for n in range(40):
        make_paper(title=f"On other matters, part {n}")
    match_papers(NOW)
    text = (
        "A GPN is fast. Grasp planning networks are fast. GPNs, or grasp planning networks, rule."
    )
    assert queries(text) == ["grasp planning networks"]
