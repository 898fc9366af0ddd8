"""The site as in production, for scripts/door_campaign.py: gunicorn, a worker, HTTP on loopback.

Import it before anything of Django's: it says where the run's own folder is. Under
scripts/with_services.py the database is PostgreSQL and the counters stand in Redis.
"""

# ruff: noqa: E402 (Django must know where things are before anything of ours is imported)
from __future__ import annotations

import atexit
import http.client
import math
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
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

from distributions import p95
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from subscribers import tokens

VISITOR = "192.0.2.1"
Post = tuple[str, dict[str, str], str]  # path, fields, network
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
    site += ["--log-level", "error"]
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


def ask_all(port: int, at_once: int, posts: list[Post], a_minute: float = math.inf) -> list[Answer]:
    """All answers in the order of the questions, so many of them asked at once and in a minute."""
    own, begun = threading.local(), time.monotonic()

    def ask(place: int, post: Post) -> Answer:
        if not hasattr(own, "line"):
            own.line = Line(port)
        time.sleep(max(0.0, begun + place * 60 / a_minute - time.monotonic()))
        answer: Answer = own.line.post(*post)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise SystemExit(f"{post[0]} answered {answer.status}.")
        return answer

    with ThreadPoolExecutor(at_once) as clients:
        return list(clients.map(ask, range(len(posts)), posts))


def in_a_process(work: Callable[[], list[Answer]]) -> list[Answer]:
    """Not in ours, where the visitor's clock would stand still meanwhile."""
    ours, theirs = multiprocessing.Pipe()

    def send() -> None:
        theirs.send(work())

    process = multiprocessing.get_context("fork").Process(target=send)
    process.start()
    theirs.close()
    try:
        answers: list[Any] = ours.recv()
    except EOFError:
        raise SystemExit("The clients gave up: see above.") from None
    process.join()
    return answers


def stamped(fields: dict[str, str]) -> dict[str, str]:
    """A form that was shown a minute ago."""
    return fields | {"shown_at": tokens.sign_stamp(timezone.now() - timedelta(minutes=1))}


class Visitor:
    """Somebody else, meanwhile: reads pages, and every few seconds a newcomer signs up."""

    PAGES = ("/", "/subscribe/", "/topics/", "/search?q=robot")

    def __init__(self, port: int) -> None:
        self._port, self._over = port, threading.Event()
        self._times: list[float] = []
        self.failures: list[int] = []
        self.newcomers: list[str] = []
        self._thread = threading.Thread(target=self._read)

    @property
    def p95(self) -> float:
        return p95(self._times)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        line, next_newcomer_at = Line(self._port), time.monotonic() + 1
        while not self._over.wait(0.05):
            for path in self.PAGES:
                answer = line.get(path, VISITOR)
                self._times.append(answer.ms)
                self.failures += [answer.status] * (answer.status != 200)
            if time.monotonic() > next_newcomer_at:
                self._sign_up(line)
                next_newcomer_at += 3

    def _sign_up(self, line: Line) -> None:
        n = len(self.newcomers)
        address = f"newcomer{n}@lab{n}.example.net"
        fields = stamped({"email": address, "topics": "agents"})
        answer = line.post("/subscribe/", fields, f"198.51.100.{n % 250}")
        self._times.append(answer.ms)
        self.failures += [answer.status] * (answer.status != 200)
        self.newcomers.append(address)
