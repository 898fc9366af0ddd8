"""`manage.py run`, as a newcomer sees it: a process of its own on an empty folder."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from digest.deliver.outbox import read_mail, read_outbox
from digest.management.sample import shapes
from tests.running import PATIENCE_SECONDS, free_port, wait_until

ROOT = Path(__file__).parents[4]
NO_HOST = "http://127.0.0.1:9"  # the port of the discard service: nobody is there
TOPICS = ["LLM agents", "diffusion", "world model", "retrieval", "robot manipulation"]
# As long as its parts need to end, on a busy machine too; test_embedded.py shows who is cut off.
MANAGE = f"""
import runpy, sys
from digest.management import embedded
embedded.STOP_SECONDS = {PATIENCE_SECONDS}
sys.argv[0] = "manage.py"
runpy.run_path("manage.py", run_name="__main__")
"""
FORGOTTEN = ("DATABASE_URL", "REDIS_URL", "SITE_URL", "OUTBOX_DIR", "SECRET_KEY")

# One process runs the service for all of these tests.
pytestmark = pytest.mark.xdist_group("run")


@dataclass
class Run:
    """One run from its start to its end, and what was seen of it meanwhile."""

    port: int
    said: str = ""
    exit_code: int | None = None
    pages: dict[str, requests.Response] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"


def start(folder: Path, port: int, *words: str, **env: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in FORGOTTEN}
    hosts = {"OFFPRINT_HF_URL": NO_HOST, "OFFPRINT_ARXIV_URL": NO_HOST}
    return subprocess.Popen(
        [sys.executable, "-c", MANAGE, "run", "--port", str(port), *words],
        cwd=ROOT,
        env={**kept, **hosts, "VAR_DIR": str(folder), "FETCH_ALLOW_PRIVATE": "127.0.0.1", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def serve(folder: Path, paths: list[str], number: signal.Signals, **env: str) -> Run:
    run = Run(port=free_port())
    process = start(folder, run.port, **env)
    run.said = wait_until(process)
    for path in paths:
        run.pages[path] = requests.get(run.address + path, timeout=PATIENCE_SECONDS)
    if password := re.search(r"password (\S+) \(shown", run.said):
        run.pages["log in"] = log_in(run.address, password[1])
    process.send_signal(number)
    run.said += process.communicate(timeout=PATIENCE_SECONDS)[0]
    run.exit_code = process.returncode
    return run


def log_in(address: str, password: str) -> requests.Response:
    with requests.Session() as browser:
        door = f"{address}/admin/login/?next=/admin/"
        browser.get(door, timeout=PATIENCE_SECONDS)
        form = {
            "username": "admin",
            "password": password,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        return browser.post(door, data=form, headers={"Referer": door}, timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def first(folder: Path) -> Run:
    """A newcomer's first run, where no live source can be reached; ended by SIGTERM."""
    return serve(folder, ["/", "/outbox/", "/admin/", "/healthz"], signal.SIGTERM)


@pytest.fixture(scope="module")
def second(folder: Path, first: Run) -> Run:
    """The same again, ended by Ctrl-C."""
    assert first.exit_code == 0
    return serve(folder, ["/"], signal.SIGINT)


def test_where_no_live_source_can_be_reached_the_sample_is_brought_in_and_that_is_said(
    first: Run,
) -> None:
    assert re.search(r"Papers +\d\d made-up ones from 5 days", first.said)
    assert "the live sources cannot be reached from here" in first.said


@pytest.mark.parametrize("path", ["/", "/outbox/", "/admin/", "/healthz"])
def test_every_address_that_is_printed_answers(first: Run, path: str) -> None:
    assert first.pages[path].status_code == 200
    assert path == "/healthz" or f"{first.address}{path}" in first.said


def test_the_demo_readers_digest_is_in_the_outbox_with_a_reason_for_each_paper(
    first: Run, folder: Path
) -> None:
    [letter] = read_outbox(folder / "outbox")
    parts = read_mail(folder / "outbox", letter.name)
    assert parts
    found = re.search(r"sent, with (\d+) papers", first.said)
    assert found
    assert int(found[1]) >= 5
    assert letter.to == "reader@example.org"
    lines = parts.text.splitlines()
    assert sum(any(topic in line for topic in TOPICS) for line in lines) >= int(found[1])


def test_links_in_the_mail_lead_to_the_port_of_the_run(first: Run, folder: Path) -> None:
    [letter] = read_outbox(folder / "outbox")
    parts = read_mail(folder / "outbox", letter.name)
    assert parts
    ours = re.findall(r"https?://localhost[^/\s\"<>]*", parts.text + parts.html)
    assert ours
    assert set(ours) == {first.address}


def test_the_printed_password_opens_the_admin(first: Run) -> None:
    assert first.pages["log in"].status_code == 200
    assert first.pages["log in"].url == f"{first.address}/admin/"


@pytest.mark.parametrize("which", ["first", "second"])
def test_it_stops_at_once_and_in_order(which: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(which)
    assert run.exit_code == 0
    assert "Traceback" not in run.said
    assert "cut off" not in run.said
    assert run.said.endswith("Stopped. Everything done so far is kept.\n")


def test_a_second_run_keeps_everything_and_sends_nothing_again(
    second: Run, folder: Path, first: Run
) -> None:
    assert len(read_outbox(folder / "outbox")) == 1
    kept = re.search(r"(\d+), kept from earlier runs", second.said)
    assert kept
    assert f"{kept[1]} made-up ones" in first.said
    assert "up to date" in second.said
    assert "sent, with" not in second.said


def test_the_password_is_shown_once_and_after_that_how_to_set_another(second: Run) -> None:
    assert "shown only this once" not in second.said
    assert "changepassword" in second.said


class LiveHost(BaseHTTPRequestHandler):
    """Both live sources, on the sample's last five working days."""

    def do_GET(self) -> None:
        now = datetime.now(UTC)
        days = shapes.working_days(now)
        asked = re.search(r"date=(\d{4}-\d\d-\d\d)", self.path)
        if self.path == "/robots.txt":
            self.answer(b"User-agent: *\nAllow: /\n", "text/plain")
        elif self.path.startswith("/api/daily_papers") and asked:
            day = datetime.fromisoformat(asked[1]).date()
            body = shapes.huggingface_json(days, day, now) if day in days else b"[]"
            self.answer(body, "application/json")
        else:
            self.answer(shapes.arxiv_rss(days, days[-1]), "application/rss+xml")

    def answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def live_host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), LiveHost) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def finish(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=PATIENCE_SECONDS)[0]


@pytest.mark.thorough
def test_live_sources_that_answer_are_taken_instead_of_the_sample(
    tmp_path: Path, live_host: str
) -> None:
    hosts = {"OFFPRINT_HF_URL": live_host, "OFFPRINT_ARXIV_URL": live_host}
    process = start(tmp_path, free_port(), "--once", **hosts)
    said = finish(process)
    assert process.returncode == 0, said
    assert re.search(r"Papers +\d\d from the live sources", said)
    assert "made-up" not in said
    assert len(read_outbox(tmp_path / "outbox")) == 1


@pytest.mark.thorough
def test_one_live_source_is_enough_and_the_silent_one_says_why(
    tmp_path: Path, live_host: str
) -> None:
    process = start(tmp_path, free_port(), "--once", OFFPRINT_HF_URL=live_host)
    said = finish(process)
    assert process.returncode == 0, said
    assert re.search(r"Source +arXiv.* does not accept connections", said)


@pytest.mark.thorough
def test_nobody_invented_is_mailed_through_a_real_mail_server(tmp_path: Path) -> None:
    process = start(tmp_path, free_port(), "--once", EMAIL_URL="smtp://127.0.0.1:9")
    said = finish(process)
    assert process.returncode == 0, said
    assert "Reader" not in said
    assert "Outbox" not in said


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"DATABASE_URL": "postgres://me@127.0.0.1:9/papers"}, "The database does not answer"),
        pytest.param(
            {"REDIS_URL": "redis://127.0.0.1:9/0"},
            "Redis does not answer",
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_a_server_that_does_not_answer_is_said_in_words(
    tmp_path: Path, env: dict[str, str], sentence: str
) -> None:
    process = start(tmp_path, free_port(), "--once", **env)
    said = finish(process)
    assert process.returncode == 1
    assert sentence in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(tmp_path, port)
        said = finish(process)
    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in said
    assert "make run PORT=" in said
    assert not list(tmp_path.glob("*.sqlite3"))
