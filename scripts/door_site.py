"""The site as in production, for scripts/door_campaign.py: gunicorn, a worker, HTTP on loopback.

Import it before anything of Django's: it says where the run's own folder is. Under
scripts/with_services.py the database is PostgreSQL and the counters stand in Redis.
"""

# ruff: noqa: E402 (Django must know where things are before anything of ours is imported)
from __future__ import annotations

import atexit
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
FOLDER = TemporaryDirectory(prefix="offprint-door-")
_OWN = os.getpid()
atexit.register(lambda: FOLDER.cleanup() if os.getpid() == _OWN else None)
sys.path.insert(0, str(ROOT))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "VAR_DIR": FOLDER.name,
    "SECRET_KEY": "a key for this run alone",
    "LOG_LEVEL": "ERROR",
    "PROXY_HOPS": "1",  # whom a request comes from stands in X-Forwarded-For
}

import django

django.setup()

from django.conf import settings
from django.core.management import call_command

_network = count()


@dataclass(frozen=True)
class Answer:
    """What came back, and how many milliseconds after the question."""

    status: int
    ms: float
    headers: tuple[tuple[str, str], ...]
    body: str


class Line:
    """One kept connection to the site."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str, network: str) -> Answer:
        return self._ask("GET", path, network)

    def post(self, path: str, fields: dict[str, str], network: str) -> Answer:
        return self._ask("POST", path, network, urlencode(fields))

    def _ask(self, method: str, path: str, network: str, body: str | None = None) -> Answer:
        headers = {"X-Forwarded-For": network, "Host": "localhost"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            return self._once(method, path, headers, body)
        except (http.client.HTTPException, ConnectionError):  # gunicorn closed the idle line
            self._connection.close()
            return self._once(method, path, headers, body)

    def _once(self, method: str, path: str, headers: dict[str, str], body: str | None) -> Answer:
        if self._connection.sock is None:
            self._connection.connect()  # not counted
        begun = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        said = response.read().decode()
        ms = (time.perf_counter() - begun) * 1000
        return Answer(response.status, ms, tuple(response.getheaders()), said)


def fresh_network() -> str:
    """An address that no request came from yet."""
    n = next(_network)
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


@contextmanager
def served() -> Iterator[int]:
    """gunicorn as the Dockerfile starts it, and a worker where there is a broker: their port."""
    call_command("migrate", verbosity=0, interactive=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", int(os.environ.get("DOOR_PORT", "0"))))
        port = int(free.getsockname()[1])
    site = ["gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    site += ["--workers", "2", "--threads", "4", "--log-level", "error"]
    worker = ["celery", "-q", "-A", "config", "worker", "--pool=threads", "-c2", "-l", "ERROR"]
    with ExitStack() as stack:
        stack.enter_context(_running(site))
        if settings.REDIS_URL:
            stack.enter_context(_running([*worker, "--without-gossip", "--without-mingle"]))
        _wait_for(port)
        yield port


@contextmanager
def _running(module: list[str]) -> Iterator[None]:
    command = [sys.executable, "-W", "ignore", "-m", *module]
    said = Path(FOLDER.name, f"{module[0]}.log")
    with said.open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("gunicorn did not start: see its log.")
