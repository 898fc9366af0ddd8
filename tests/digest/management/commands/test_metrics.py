"""`manage.py metrics` serves on its own port, or says why it cannot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.running import PATIENCE_SECONDS, free_port, wait_until

ROOT = Path(__file__).parents[4]


@pytest.mark.serverless
def test_it_serves_until_it_is_stopped_even_without_tables(tmp_path: Path) -> None:
    port = free_port()
    given = {"METRICS_PORT": str(port), "VAR_DIR": str(tmp_path), "ENV_FILE": "", "REDIS_URL": ""}
    given["DATABASE_URL"] = f"sqlite:///{tmp_path}/empty.sqlite3"
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "metrics"],
        cwd=ROOT,
        env=os.environ | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until(process, "/metrics")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            assert b"\noffprint_database_up 0.0\n" in answer.read()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_without_a_port_it_says_how_to_name_one() -> None:
    with pytest.raises(CommandError, match="set METRICS_PORT"):
        call_command("metrics", stdout=StringIO())


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} on 127.0.0.1 cannot be listened on"):
            call_command("metrics", port=port, stdout=StringIO())


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(CommandError, match="pip install prometheus-client"):
        call_command("metrics", port=9100, stdout=StringIO())


@pytest.mark.cached
@pytest.mark.django_db(transaction=True)
def test_once_prints_them() -> None:
    said = StringIO()
    call_command("metrics", once=True, stdout=said)
    assert "offprint_database_up 1.0" in said.getvalue()
