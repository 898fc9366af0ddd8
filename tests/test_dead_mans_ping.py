"""The address that alarms when nothing comes: it hears of beat and workers while they run."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.running import PATIENCE_SECONDS, wait_for
from tests.test_worker import ROOT, celery_worker, make_environment

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True), pytest.mark.thorough]
QUIET_SECONDS = 5  # in which a beat that runs would have called ten times
QUICK = "tests.quick_beat"


@pytest.fixture
def pings() -> Iterator[tuple[str, list[float]]]:
    """An address on loopback, and when it was posted to."""
    heard: list[float] = []

    class Check(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(time.monotonic())
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Check) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/ping", heard
        server.shutdown()


@contextmanager
def celery_beat(folder: Path) -> Iterator[None]:
    words = ["--quiet", "-A", QUICK, "beat", "--loglevel=WARNING"]
    words += ["--schedule", str(folder / "beat"), "--pidfile="]
    with (folder / "beat.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *words],
            cwd=ROOT,
            env=make_environment(folder),
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def test_the_ping_comes_while_beat_and_a_worker_run_and_stops_when_either_does(
    pings: tuple[str, list[float]], tmp_path: Path
) -> None:
    url, heard = pings
    with celery_worker(tmp_path, QUICK, PING_URL=url):
        with celery_beat(tmp_path):
            wait_for(lambda: len(heard) > 3, "four pings")
        assert falls_silent(heard)
        with celery_beat(tmp_path):
            before = len(heard)
            wait_for(lambda: len(heard) > before + 3, "pings of the beat that came back")
    with celery_beat(tmp_path):
        assert falls_silent(heard)


def falls_silent(heard: list[float]) -> bool:
    """Whether a while passes without a ping, after what was called for before."""
    deadline = time.monotonic() + PATIENCE_SECONDS / 4
    while time.monotonic() < deadline:
        count = len(heard)
        time.sleep(QUIET_SECONDS)
        if len(heard) == count:
            return True
    return False
