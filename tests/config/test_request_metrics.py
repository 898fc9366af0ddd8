"""Gunicorn's workers count requests; their master serves the sums on a port of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.request_metrics import RequestMetricsMiddleware
from subscribers import tokens
from tests.running import PATIENCE_SECONDS, free_port, wait_for

ROOT = Path(__file__).parents[2]
MIDDLEWARE = f"{RequestMetricsMiddleware.__module__}.{RequestMetricsMiddleware.__name__}"
GUNICORN = ["-m", "gunicorn", "config.wsgi", "--workers", "2", "--access-logfile", "-"]

# Of no database; /healthz is answered before anything counts.
ASKED = "/api/v1/openapi.json"


class Site:
    """Two ports of this machine, and what was written to the log."""

    def __init__(self, log: Path) -> None:
        self.log, self.web, self.metrics = log, free_port(), free_port()

    def ask(self, path: str) -> tuple[int, str]:
        return ask(f"http://127.0.0.1:{self.web}{path}")

    def read_counts(self) -> dict[str, float]:
        _, said = ask(f"http://127.0.0.1:{self.metrics}/metrics")
        lines = [line for line in said.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (one.rpartition(" ") for one in lines)}


def ask(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The web process as production starts it, with two workers and a JSON log."""
    site = Site(tmp_path / "log")
    given = {"METRICS_PORT": str(site.metrics), "LOG_FORMAT": "json", "ENV_FILE": ""}
    given |= {"VAR_DIR": str(tmp_path), "REDIS_URL": "", "TMPDIR": str(tmp_path)}
    given["DATABASE_URL"] = f"sqlite:///{tmp_path}/empty.sqlite3"
    command = [sys.executable, *GUNICORN, "--bind", f"127.0.0.1:{site.web}"]
    with site.log.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | given, stdout=log, stderr=log
        )
        try:
            wait_for(lambda: process.poll() is not None or is_up(site), "both ports")
            assert process.poll() is None, site.log.read_text()
            yield site
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)
    assert not list(tmp_path.glob("offprint-metrics-*"))


def is_up(site: Site) -> bool:
    with suppress(OSError):
        return site.ask(ASKED)[0] == 200 and bool(site.read_counts())
    return False


@pytest.mark.serverless
def test_all_workers_requests_are_counted_and_no_visitor_sees_it(site: Site) -> None:
    secret = tokens.sign(tokens.PREFERENCES, 8)
    name = 'offprint_http_requests_total{method="GET",status="200",view="digest:openapi"}'
    before = site.read_counts()[name]
    for _ in range(20):
        site.ask(ASKED)
    site.ask(f"/nothing/{secret}/?email=ada%40example.org&x=1")
    assert site.ask("/metrics")[0] == 404
    counts = site.read_counts()
    assert counts[name] == before + 20
    assert counts['offprint_http_requests_total{method="GET",status="404",view="unresolved"}'] == 2
    timed = 'offprint_http_request_duration_seconds_count{method="GET",view="digest:openapi"}'
    assert counts[timed] == before + 20
    said = site.log.read_text()
    lines = [json.loads(line) for line in said.splitlines()]
    assert any(line["message"].startswith("GET /nothing/…/ 404") for line in lines)
    assert "x=1" not in said
    assert not any("Control socket" in line["message"] for line in lines)
    assert secret not in said
    assert "example.org" not in said


def test_without_a_port_nothing_is_counted(read_settings: Any) -> None:
    assert MIDDLEWARE not in read_settings()["MIDDLEWARE"]
    settings = read_settings(METRICS_PORT="9100")
    assert settings["MIDDLEWARE"][0] == MIDDLEWARE
    assert (settings["METRICS_HOST"], settings["METRICS_PORT"]) == ("127.0.0.1", 9100)


@pytest.mark.parametrize(("port", "said"), [("70000", "no port"), ("x", "not a whole number")])
def test_what_is_no_port_is_said(read_settings: Any, port: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"METRICS_PORT is .*{said}"):
        read_settings(METRICS_PORT=port)


def test_a_port_without_the_package_that_serves_it_is_said(
    read_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ImproperlyConfigured, match="pip install prometheus-client"):
        read_settings(METRICS_PORT="9100")
