from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from digest.ingest.sources.address_guard import (
    Deadline,
    RefusedAddress,
    _resolve_allowed,
    is_public,
)
from tests.running import PATIENCE_SECONDS


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.5.5", "192.168.1.1", "0.0.0.0", "255.255.255.255"),
        *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("::1", "::", "fd00::1", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1"),
        *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),
        *("fec0::1", "feff::1", "3fff::1", "3fff:fff::1"),
        *("192.0.0.8", "192.0.0.192", "192.88.99.1", "168.63.129.16", "2002:a83f:8110::1"),
        *("2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:127.0.0.1", "fe80::5efe:8.8.8.8"),
        *("::ffff:0:10.0.0.1", "::10.0.0.1", "2001:0:4136:e378:8000:63bf:f5ff:fffe"),
        *("2002:7f00:1::", "2002:a9fe:a9fe::1", "not an address", ""),
    ],
)
def test_an_address_that_is_not_public_is_told_apart(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "151.101.3.42", "2606:4700::6810:84e5", "64:ff9b::808:808"]
)
def test_a_public_address_is_let_through(address: str) -> None:
    assert is_public(address)


def test_a_host_is_refused_when_any_of_its_addresses_is_private(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = []
    with pytest.raises(RefusedAddress, match=r"localhost \(.*\) is not a public address"):
        _resolve_allowed("localhost", 80, PATIENCE_SECONDS)


def test_a_private_host_can_be_allowed_by_name_or_by_address(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = ["LOCALHOST"]
    assert _resolve_allowed("localhost", 80, PATIENCE_SECONDS)
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    assert _resolve_allowed("127.0.0.1", 80, PATIENCE_SECONDS) == ["127.0.0.1"]
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.2"]
    with pytest.raises(RefusedAddress):
        _resolve_allowed("127.0.0.1", 80, PATIENCE_SECONDS)


def test_a_number_that_hides_a_private_address_is_seen_through(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = []
    with pytest.raises(RefusedAddress):
        _resolve_allowed("2130706433", 80, PATIENCE_SECONDS)  # 127.0.0.1 written as one number


def test_a_connection_made_after_the_deadline_is_shut_at_once() -> None:
    here, there = socket.socketpair()
    deadline = Deadline(0.01)
    with here, there, deadline:
        while not deadline.is_over:
            time.sleep(0.01)
        deadline.watch_socket(here)
        assert there.recv(1) == b""
    assert deadline.remaining == 0.01
