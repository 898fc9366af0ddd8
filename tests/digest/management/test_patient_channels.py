"""Slow visitors of `make run` are closed in time, and everybody else gets in."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from waitress import create_server, wasyncore

from digest.management import patient_channels
from digest.management.patient_channels import (
    MOST_CONNECTIONS,
    REQUEST_SECONDS,
    Began,
    close_slow,
)
from tests.campaigns.attack.slow import KINDS, slow_clients, visit


def channel(requests: tuple[int, ...] = (), unsent: int = 0) -> Any:
    return SimpleNamespace(requests=list(requests), total_outbufs_len=unsent, will_close=False)


def test_who_takes_too_long_and_who_came_first_of_too_many_are_closed() -> None:
    channels: dict[int, Any] = {0: object(), 1: channel(), 2: channel((1,)), 3: channel(unsent=9)}
    began: Began = {}
    close_slow(channels, began, 0.0)
    close_slow(channels, began, REQUEST_SECONDS - 1)
    channels[4] = channel()
    close_slow(channels, began, REQUEST_SECONDS + 1)
    assert [file for file in range(1, 5) if channels[file].will_close] == [1]
    del channels[1]
    channels |= {file: channel() for file in range(5, MOST_CONNECTIONS + 10)}
    close_slow(channels, began, REQUEST_SECONDS + 2)
    assert channels[4].will_close
    assert 1 not in began
    assert sum(getattr(one, "will_close", 0) for one in channels.values()) == 9


def test_whoever_gets_the_file_of_one_who_left_has_all_the_time() -> None:
    channels, began = {1: channel()}, Began()
    close_slow(channels, began, 0.0)
    channels[1] = newcomer = channel()
    close_slow(channels, began, REQUEST_SECONDS + 1)
    assert not newcomer.will_close
    close_slow(channels, began, 2 * REQUEST_SECONDS + 2)
    assert newcomer.will_close


@pytest.fixture
def port() -> Iterator[int]:
    """waitress as `make run` serves with it."""

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    channels: dict[int, Any] = {}
    listener = socket.create_server(("127.0.0.1", 0))
    server = create_server(
        app, sockets=[listener], threads=2, map=channels, ident=None, **patient_channels.OPTIONS
    )
    over = threading.Event()

    def serve() -> None:
        began: Began = {}
        while not over.is_set():
            wasyncore.poll2(0.1, channels)
            close_slow(channels, began, time.monotonic())

    thread = threading.Thread(target=serve)
    thread.start()
    yield int(listener.getsockname()[1])
    over.set()
    thread.join()
    server.task_dispatcher.shutdown(timeout=1)
    wasyncore.close_all(channels)


def test_200_slow_clients_keep_no_visitor_out(port: int) -> None:
    with slow_clients(port, 200, KINDS):
        assert visit(port, "/", 2.0).failed == 0
