"""How mails are handed over is tested here; whether they may leave, in tests/digest/flight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from digest.flight import preflight
from tests.provider_keys import use_provider
from tests.provider_server import Server, provider_server


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """To render a sample of each test's one mail, and ask its links, would take long."""

    def find_nothing(*_: Any) -> list[str]:
        return []

    monkeypatch.setattr(preflight, "find_faults", find_nothing)


@pytest.fixture
def server() -> Iterator[Server]:
    """A provider on loopback, which nothing is sent to before a test says so."""
    with provider_server() as server:
        yield server


@pytest.fixture
def use(settings: Any, server: Server) -> Callable[[str], None]:
    """Let mails leave through the provider of this name."""
    return lambda name: use_provider(name, server, settings)


@pytest.fixture
def locmem(settings: Any) -> None:
    """A provider that takes one message a call and knows no keys."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
