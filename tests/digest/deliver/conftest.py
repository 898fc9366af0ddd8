"""How mails are handed over is tested here; whether they may leave, in tests/digest/flight."""

from __future__ import annotations

from typing import Any

import pytest

from digest.flight import preflight


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """To render a sample of each test's one mail, and ask its links, would take long."""

    def find_nothing(*_: Any) -> list[str]:
        return []

    monkeypatch.setattr(preflight, "find_faults", find_nothing)
