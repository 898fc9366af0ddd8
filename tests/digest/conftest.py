"""What the tests of searching and of its page share."""

from __future__ import annotations

import pytest

from digest.match import match_papers
from tests.factories import NOW, make_paper


@pytest.fixture
def shelves() -> None:
    make_paper(
        title="Diffusion Policies at Sea",
        abstract="Boats learn RAG.",
        authors=["Émilie du Châtelet", "Zoë O'Brien"],
        organization="Northlight Labs",
        categories=["cs.RO", "cs.LG"],
        doi="10.1000/sea",
    )
    make_paper(title="A policy of diffusion", abstract="A rag is cloth.", authors=["Li Wei"])
    make_paper(title="Diffusion policy: a survey", identifier="doi:10.1000/abc", news_at=None)
    make_paper(
        title="How Lovelace Read Diagrams of the Engine",
        abstract="In-context learning.",
        authors=["Ada Lovelace"],
        identifier="arxiv:2404.01234",
    )
    match_papers(NOW)
