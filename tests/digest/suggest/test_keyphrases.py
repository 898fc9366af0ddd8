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


@pytest.mark.django_db
def test_common_words_that_happen_to_stand_side_by_side_are_no_topic() -> None:
    for n in range(60):
        name = {0: "learning models", 1: "imitation learning"}.get(n % 10, "other matters")
        abstract = f"In whale {n} we speak of models. From data learning is hard."
        make_paper(title=f"On {name}, part {n}", abstract=abstract)
    match_papers(NOW)
    titles = ["Learning models of whales", "Imitation learning", "Songs by learning models"]
    found = queries("\n".join([*titles, "Whales and imitation learning", "Of learning models"]))
    assert found == ["imitation learning"]


@pytest.mark.django_db
def test_what_the_titles_say_is_not_left_out_for_a_common_piece_of_it() -> None:
    for n in range(30):
        make_paper(title=f"Neural networks, part {n}")
        make_paper(title=f"On other matters, part {n}")
    for n in range(3):
        make_paper(title=f"Molecules, part {n}", abstract="We use graph neural networks.")
    match_papers(NOW)
    titles = [f"{about} with graph neural networks" for about in ("Songs", "Whales", "Reefs")]
    found = queries("\n".join([*titles, "On graph neural networks", "The sea", "Seals"]))
    assert found == ["graph neural networks"]
