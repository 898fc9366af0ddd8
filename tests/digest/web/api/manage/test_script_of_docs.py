"""The script in the documents does what it says, over HTTP and in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application

from subscribers.models import Subscriber
from tests.digest.web.api.manage.asking import make_token
from tests.factories import make_reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
SCRIPT = Path(__file__).parents[5] / "docs/operate/manage_subscribers.py"
SECONDS = 60


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def run_script(secret: str, path: Path, settings: Any) -> tuple[int, str]:
    """Serve in this thread, whose transaction holds the rows, until the script has ended."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        settings.SITE_URL = f"http://127.0.0.1:{server.server_port}"
        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        server.timeout = 0.1
        command = [sys.executable, str(SCRIPT), settings.SITE_URL, "lab.example", str(path)]
        environment = {**os.environ, "OFFPRINT_TOKEN": secret, "PYTHONIOENCODING": "utf-8"}
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as script:
            for _ in range(SECONDS * 10):
                if script.poll() is not None:
                    break
                server.handle_request()
            script.kill()
            out, _err = script.communicate()
        return script.returncode, out


def test_the_script_makes_subscribers_what_the_file_says(tmp_path: Path, settings: Any) -> None:
    make_reader("RAG", email="stays@lab.example")
    make_reader("RAG", email="other@lab.example")
    make_reader("RAG", email="gone@lab.example")
    make_reader("RAG", email="elsewhere@example.org")
    people = tmp_path / "people.csv"
    people.write_text(
        "new@lab.example,world model\nstays@lab.example,RAG\nother@lab.example,agents\n"
    )
    secret = make_token(scopes=["subscribers:read", "subscribers:write"])[1]
    code, said = run_script(secret, people, settings)
    assert (code, sorted(said.splitlines())) == (
        0,
        [
            "asked to confirm: new@lab.example",
            "other topics: other@lab.example",
            "unsubscribed: gone@lab.example",
        ],
    )
    assert dict(Subscriber.objects.values_list("email", "status")) == {
        "new@lab.example": "pending",
        "stays@lab.example": "active",
        "other@lab.example": "active",
        "gone@lab.example": "unsubscribed",
        "elsewhere@example.org": "active",
    }
    assert run_script(secret, people, settings) == (0, "")


def test_the_script_says_why_it_stops(tmp_path: Path, settings: Any) -> None:
    people = tmp_path / "people.csv"
    people.write_text("")
    code, said = run_script("offprint_wrong", people, settings)
    assert (code, "This token is not known" in said) == (1, True)
