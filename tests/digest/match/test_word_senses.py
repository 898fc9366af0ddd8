"""A single word is asked about where the last weeks' papers use it in several senses."""

from __future__ import annotations

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from digest.match import match_papers
from digest.match.word_senses import WordSense, find_word_senses
from digest.suggest.suggest import propose_topics
from subscribers.acronyms import write_acronyms
from subscribers.topics import learn_acronyms, normal_form, parse_topic
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db
SENSES = {
    "inductive bias": "Transformers lack the inductive bias that convolutions have by symmetry.",
    "gender bias": "We audit hiring by recruiters and find gender bias against women applicants.",
    "camera bias": "Thermal drift of sensors gives a camera bias that lenses make worse.",
}


@pytest.fixture(autouse=True)
def _at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW)


def fill(texts: dict[str, str], papers: int = 6) -> None:
    for phrase, text in texts.items():
        for n in range(papers):
            make_paper(title=f"On {phrase}, part {n}", abstract=text)
    for n in range(30):
        make_paper(title=f"Rivers of region {n}", abstract="Water flows through valleys and hills.")
    match_papers(NOW)


def senses(query: str) -> list[WordSense]:
    return find_word_senses(parse_topic(query), NOW)


def test_the_senses_of_a_word_are_told_by_what_stands_beside_it() -> None:
    fill(SENSES)
    found = {sense.query: sense for sense in senses("bias")}
    assert set(found) == set(SENSES)
    assert all(sense.a_day > 0 for sense in found.values())
    assert set(found["gender bias"].words) < {
        "audit",
        "hiring",
        "recruiters",
        "women",
        "applicants",
    }
    for narrowed in ("inductive bias", "bias + hiring", '"bias"', "bias -camera"):
        assert senses(narrowed) == []


def test_a_word_of_one_sense_or_of_few_papers_has_none_to_choose_from() -> None:
    alike = "Transformers lack the {} that convolutions have; symmetry and locality are learned."
    fill({phrase: alike.format(phrase) for phrase in ("inductive bias", "strong bias")})
    assert senses("bias") == []
    assert senses("rivers") == []
    assert senses("unheard") == []


def test_the_senses_of_an_acronym_are_what_papers_spell_out() -> None:
    fill(
        {
            "MPC": "We use model predictive control (MPC) for legged robots.",
            "MPC and secrets": "Secure multi-party computation (MPC) hides inputs.",
            "faster MPC": "Model-predictive control (MPC) of cars.",
        }
    )
    found = senses("MPC")
    assert [sense.query for sense in found] == [
        "model-predictive control",
        "multi-party computation",
    ]
    assert found[0].a_day > found[1].a_day > 0


def test_a_sense_of_an_acronym_that_is_stored_is_offered_though_the_sample_lacks_it() -> None:
    fill({"plans": "We use model predictive control (MPC) for legged robots."})
    form = tuple(normal_form("multi-party computation").split())
    learned = learn_acronyms(["Secure multi-party computation (MPC)"] * 3)
    assert learned.long_forms["MPC"] == (form,)
    make_paper(title="MPC", abstract="Secure multi-party computation (MPC) hides inputs.")
    match_papers(NOW)
    write_acronyms(learned, NOW.date())
    assert {sense.query for sense in senses("MPC")} == {
        "model predictive control",
        "multi-party computation",
    }


def test_one_press_narrows_without_a_script(client: Client) -> None:
    fill(SENSES)
    page = client.post("/preview/", {"topics": "bias"}).content.decode()
    assert "Papers use this word in different ways. Do you mean one of these?" in page
    assert 'name="instead"' in page
    assert 'value="0:gender bias"' in page
    narrowed = client.post("/preview/", {"topics": "bias", "instead": "0:gender bias"})
    said = narrowed.content.decode()
    assert "gender bias" in said
    assert "different ways" not in said


def test_a_proposal_of_an_ambiguous_word_offers_its_senses(client: Client) -> None:
    fill(SENSES)
    pasted = "@misc{a, title={Bias}, keywords={bias}}"
    [topic] = [one for one in propose_topics(pasted, NOW).topics if one.query == "bias"]
    assert {sense.query for sense in topic.senses} == set(SENSES)
    assert not topic.is_ticked
    page = client.post("/interests/", {"pasted": pasted}).content.decode()
    assert "Tick what you mean instead of it" in page
    assert 'value="camera bias"' in page
