"""The site that is attacked: gunicorn, PostgreSQL and Redis on loopback, and what it costs them."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import psycopg

from bench.load import serve
from bench.machine import find_parent, read_family_cpu
from bench.work import do_work

ANSWER_SECONDS = 120
QUIET_SECONDS, QUIET_CPU = 1.0, 0.03
WARM_UP_SECONDS = 180
FORM = "application/x-www-form-urlencoded"
# Of the environment of whoever calls, nothing else that an Offprint reads.
FOREIGN = ("ANYMAIL_", "DELIVER_", "EMAIL_", "OFFPRINT_", "FETCH_", "ALLOWED_HOSTS", "METRICS_")
_network = count(1)


@dataclass(frozen=True)
class Request:
    """One request as it goes over the wire."""

    name: str
    method: str
    path: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[int, ...] = (200, 202, 422)  # any other one tells nothing of what it costs


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Site:
    """A running site: where it listens, and the processes that work for it."""

    port: int
    server: int  # gunicorn's master
    postmaster: int
    pages: Mapping[str, str]
    env: Mapping[str, str]

    def read_cpu(self) -> float:
        """CPU seconds that the web server and the database have used so far."""
        return (read_family_cpu(self.server) or 0.0) + (read_family_cpu(self.postmaster) or 0.0)

    def ask(self, request: Request, network: str = "") -> Answer:
        """The answer to one request, from a network of its own where none is named."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        headers = {"Host": "localhost", "X-Forwarded-For": network or make_network()}
        body = urlencode(request.fields, doseq=True) if request.method == "POST" else None
        if body is not None:
            headers["Content-Type"] = FORM
        began = time.monotonic()
        line.request(request.method, request.path, body, headers | dict(request.headers))
        response = line.getresponse()
        text = response.read().decode(errors="replace")
        line.close()
        taken = time.monotonic() - began
        headers = {
            name: ", ".join(response.headers.get_all(name) or []) for name in response.headers
        }
        return Answer(response.status, taken, headers, text)

    def wait_until_quiet(self) -> None:
        """Until the server has nothing to do of itself: it warms up in threads of its own."""
        ends_at = time.monotonic() + WARM_UP_SECONDS
        while time.monotonic() < ends_at:
            before = self.read_cpu()
            time.sleep(QUIET_SECONDS)
            if self.read_cpu() - before <= QUIET_CPU:
                return


def make_network() -> str:
    """An address that no request came from yet."""
    n = next(_network)
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


@contextmanager
def start_site(papers: int, **settings: str) -> Iterator[Site]:
    """A site over so many made-up papers, in the servers that scripts/with_services.py started."""
    with TemporaryDirectory(prefix="offprint-attack-") as folder:
        env = _make_environment(Path(folder)) | settings
        do_work(env, "migrate")
        pages = do_work(env, "fill_site", papers=papers)
        with psycopg.connect(env["DATABASE_URL"]) as connection:
            postmaster = find_parent(connection.info.backend_pid) or 0
        with serve(env, "config.wsgi") as (port, server):
            site = Site(port, server, postmaster, pages, env)
            site.wait_until_quiet()
            yield site


def _make_environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": "",
        "SECRET_KEY": "a key that signs links for the length of one run of attacks alone",
        "SITE_URL": "http://localhost:8000",
        "VAR_DIR": str(folder),
        "DEBUG": "false",
        "LOG_LEVEL": "ERROR",
        "PROXY_HOPS": "1",  # whom a request comes from stands in X-Forwarded-For
    }
