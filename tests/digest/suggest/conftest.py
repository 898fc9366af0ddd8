"""Papers that phrases are weighed against, and arXiv on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from digest.match import match_papers
from tests.digest.suggest.pasted import ABOUT, HOW
from tests.factories import NOW, make_paper
from tests.web_server import WebServer, web_server


@pytest.fixture
def stored() -> None:
    """Papers to weigh phrases against: "diffusion policy" is an expression of the field."""
    for n in range(4):
        make_paper(
            title=f"Diffusion policy in setting {n}",
            authors=["Yann LeCun", f"Author {n}"],
            categories=["cs.RO"],
        )
    for n in range(20):
        make_paper(title=f"On other matters, part {n}", categories=["cs.CL"])
    match_papers(NOW)


@pytest.fixture
def field() -> None:
    for n, title in enumerate(ABOUT):
        make_paper(title=title, abstract=f"{HOW} We study {title.lower()}.", categories=["cs.RO"])
        make_paper(title=f"Speech, part {n}", abstract=HOW, categories=["cs.CL"])
    for n in range(40):
        make_paper(title=f"On other matters, part {n}", abstract="We count whales.")
    match_papers(NOW)


@pytest.fixture
def arxiv(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """arXiv on loopback, without its three seconds between requests."""
    cache.clear()
    monkeypatch.setattr("digest.ingest.sources.host_rate_limit.GAPS", {"arxiv.org": timedelta(0)})
    with web_server() as server:
        settings.OFFPRINT_ARXIV_URL = server.url
        settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
        yield server
