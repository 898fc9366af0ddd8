"""Fixtures for every test, and the fence: no test speaks to anything but this machine."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest


class OutsideTraffic(AssertionError):
    """A test tried to reach an address that is not loopback."""


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    try:
        return ipaddress.ip_address(str(address[0]).split("%")[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.fixture(autouse=True)
def fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection outside the loopback range fails the test that made it."""
    for method in ("connect", "connect_ex"):
        real = getattr(socket.socket, method)

        def guarded(self: socket.socket, address: Any, _real: Any = real) -> Any:
            if not _is_local(address):
                raise OutsideTraffic(f"A test tried to connect to {address}.")
            return _real(self, address)

        monkeypatch.setattr(socket.socket, method, guarded)


@pytest.fixture(autouse=True)
def private_outbox(settings: Any, tmp_path: Any) -> None:
    """Mail that leaves through the local outbox ends in this test's own folder."""
    settings.OUTBOX_DIR = tmp_path / "outbox"
