"""The fence: no test speaks to anything but this machine."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache

from tests.conftest import OutsideTraffic

ROOT = Path(__file__).parent.parent
SERVERS = ("DATABASE_URL", "REDIS_URL")


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 80), ("2001:db8::1", 80)])
def test_a_connection_to_elsewhere_fails_the_test_that_made_it(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(OutsideTraffic, match=address[0]):
        client.connect(address)


def test_this_machine_is_inside_the_fence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


@pytest.mark.cached
@pytest.mark.parametrize("turn", ["one", "another"])
def test_nothing_is_remembered_from_one_test_to_the_next(turn: str) -> None:
    assert cache.get("remembered") is None, turn
    cache.set("remembered", turn)


def test_what_empties_the_database_comes_after_all_that_needs_its_default_rows(
    request: pytest.FixtureRequest,
) -> None:
    needs = [item.get_closest_marker("browser") is not None for item in request.session.items]
    assert needs == sorted(needs)


def test_what_needs_servers_is_skipped_with_a_sentence_where_there_are_none() -> None:
    env = {name: value for name, value in os.environ.items() if name not in SERVERS}
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "tests/test_services.py"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    assert "It needs a real PostgreSQL and Redis: `make test` provides them." in done.stdout
    assert re.search(r"^\d+ skipped(, \d+ warnings?)? in", done.stdout.splitlines()[-1])
