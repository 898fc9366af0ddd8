"""Fixtures for the tests of feedback: who reads, and of what paper they speak."""

from __future__ import annotations

import pytest

from digest.models import Paper
from subscribers.models import Subscriber
from tests.digest.feedback.signed_pages import matched_paper
from tests.factories import make_reader


@pytest.fixture
def reader() -> Subscriber:
    return make_reader("RAG")


@pytest.fixture
def paper() -> Paper:
    return matched_paper("A Survey of RAG for Slow Cameras", categories=["cs.CL"])
