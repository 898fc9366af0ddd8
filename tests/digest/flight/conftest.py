"""Editions that are about to leave, through a provider on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.provider_server import Book, provider_server


@pytest.fixture(autouse=True)
def canary_minutes(settings: Any) -> None:
    settings.CANARY_MINUTES = 10


@pytest.fixture
def book(settings: Any) -> Iterator[Book]:
    """What a provider that takes 20 mails a call, and knows no keys, is asked."""
    with provider_server() as server:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": server.url}
        yield server.book
