"""Papers that the tests of the API ask for, and the connection that they ask by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from digest.match import match_papers
from digest.models import Paper, Snapshot
from tests.factories import NOW, make_match, make_paper, make_source

DAY = timedelta(days=1)


@pytest.fixture
def shelves() -> Paper:
    """A paper of which all is known, one of which nothing is, and an older one."""
    parts = {"votes": 63, "votes_since_yesterday": 41, "comments": 4, "parts": {"votes": 2.5}}
    full = make_paper(
        make_source(kind="huggingface", title="Hugging Face"),
        identifier="arxiv:2604.12345",
        title="A World Model for Slow Cameras",
        authors=["Ada Adler"],
        organization="Northlight Labs",
        categories=["cs.CV", "cs.LG"],
        code_url="https://code.example.org/slow",
        code_stars=1234,
        trend=3.14,
        trend_parts=parts,
    )
    Snapshot.objects.create(paper=full, taken_at=NOW, upvotes=63, comments=4)
    make_match(full, "world model", where="World Model")
    make_paper(identifier="url:https://lab.example.org/x", url="", news_at=None)
    make_paper(title="An old world model", news_at=NOW - 3 * DAY, categories=["cs.CVX"])
    match_papers(NOW)
    return full


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A server lets go of its connection after each answer, and a test's papers go with it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
