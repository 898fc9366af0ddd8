"""Fixtures for the tests of subscribers."""

import pytest

from subscribers import pages


@pytest.fixture(autouse=True)
def no_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here looks at the clock: forms are answered at once."""
    monkeypatch.setattr(pages, "BEAT_SECONDS", 0.0)
