"""A search for a word that no paper holds proposes the one that was meant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from digest.match import match_papers
from digest.match.spelling_hint import suggest_spelling
from tests.factories import NOW, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


@pytest.fixture(autouse=True)
def papers() -> None:
    for title in (
        "Diffusion models for protein design",
        "Diffusion transformers without attention",
        "Retrieval for large language models",
        "Quantum chemistry of solvents",
    ):
        make_paper(title=title, first_seen_at=NOW - timedelta(days=1))
    match_papers(NOW)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("difusion", "diffusion"),  # a letter too few
        ("difffusion", "diffusion"),  # one too many
        ("diffuzion", "diffusion"),  # another
        ("diffusoin", "diffusion"),  # two that changed places
        ("protien desing", "protein design"),
        ("Retreival", "retrieval"),
        ("quantum chemisty", "quantum chemistry"),
        ("cat:cs.CL difusion", "cat:cs.CL diffusion"),
        ("difusion -retreival", "diffusion -retrieval"),
    ],
)
def test_a_slip_of_the_pen_is_known(typed: str, meant: str) -> None:
    assert suggest_spelling(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "diffusion",  # known
        "diffusions",  # by its stem
        "author:difusion",  # a name
        '"difusion"',  # exactly so
        "xylophone quartet",  # nothing is near
        "dif",
        "a" * 400,
    ],
)
def test_what_is_known_meant_or_far_from_all_is_left_alone(typed: str) -> None:
    assert suggest_spelling(typed) == ""


def test_the_page_offers_the_other_spelling_only_where_it_finds_something(client: Client) -> None:
    page = client.get("/search?q=difusion").content.decode()
    assert '<a href="/search?q=diffusion"><em>diffusion</em></a>?' in page
    assert "Did you mean" not in client.get("/search?q=diffusion").content.decode()
    assert "Did you mean" not in client.get("/search?q=difusion+chemistry").content.decode()
