"""A database's clock that can be set, and a machine that counts how long it is up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from digest.watch import clock
from subscribers import database_clock
from tests.factories import NOW


@dataclass
class FakeClocks:
    """What the clocks of one machine show; a test sets them."""

    wall: datetime = NOW
    up_for: timedelta = timedelta(hours=1)
    boot_id: str = "first"

    def pass_time(self, by: timedelta) -> datetime:
        """Let time go by; what the service says then."""
        self.wall += by
        self.up_for += by
        return clock.read_now()


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch, db: None) -> FakeClocks:
    """Clocks that the service has read once, at NOW."""
    fake = FakeClocks()
    reading = clock.Clocks(lambda: fake.wall, lambda: fake.up_for, lambda: fake.boot_id)
    monkeypatch.setattr(clock, "CLOCKS", reading)
    monkeypatch.setattr(database_clock, "read_database_time", lambda: fake.wall)
    clock.read_now()
    return fake
