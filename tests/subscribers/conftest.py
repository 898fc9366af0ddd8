"""Fixtures for the tests of subscribers."""

import pytest

from subscribers.web import decorators


@pytest.fixture(autouse=True)
def no_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here looks at the clock: forms are answered at once."""
    monkeypatch.setattr(decorators, "BEAT_SECONDS", 0.0)
