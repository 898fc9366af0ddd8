"""Worker, beat and web server in one process: they end together, and say why where they can't."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from digest.management.embedded import CannotListen, _why_not, listen
from tests.running import PATIENCE_SECONDS, free_port, wait_until

ROOT = Path(__file__).parents[3]
# A program around `manage.py run` that does something to the worker when it is told to.
AROUND = """
import sys, threading, time
import django
django.setup()
from digest.management import embedded
embedded.STOP_SECONDS = {stop_seconds}
from celery import current_app, shared_task
from django.core.management import call_command

@shared_task(name="tests.sleep")
def sleep():
    print("sleeping", flush=True)
    time.sleep(600)

def when_told():
    sys.stdin.readline()
    {deed}

threading.Thread(target=when_told, daemon=True).start()
try:
    call_command("run", port=int(sys.argv[1]), skip_checks=True)
except Exception as error:
    print(error)
    sys.exit(1)
"""


def run_and(
    deed: str, folder: Path, stop_seconds: int = PATIENCE_SECONDS, **env: str
) -> tuple[subprocess.Popen[str], str]:
    program = AROUND.format(deed=deed, stop_seconds=stop_seconds)
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(free_port())],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'offprint.sqlite3'}",
            "REDIS_URL": "",
            "VAR_DIR": str(folder),
            "OFFPRINT_HF_URL": "http://127.0.0.1:9",
            "OFFPRINT_ARXIV_URL": "http://127.0.0.1:9",
            "PYTHONUNBUFFERED": "1",
            **env,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    told = wait_until(process)
    assert process.stdin
    process.stdin.write("now\n")
    process.stdin.flush()
    return process, told


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", 99999, "99999 is not a port: ports go from 1 to 65535."),
        ("127.0.0.1", -1, "-1 is not a port: ports go from 1 to 65535."),
        ("192.0.2.1", 8000, "192.0.2.1 is not an address of this machine."),
        ("no such host", 8000, "no such host is not an address of this machine."),
    ],
)
def test_what_cannot_be_listened_on_is_said_in_words(host: str, port: int, sentence: str) -> None:
    with pytest.raises(CannotListen) as caught:
        listen(host, port)
    assert str(caught.value).startswith(sentence)


def test_a_port_of_the_system_is_refused_with_advice() -> None:
    # Root may have every port, so the refusal itself is made here.
    said = _why_not("127.0.0.1", 80, PermissionError())
    assert said.startswith("Port 80 is for the system's own programs.")
    assert "make run PORT=8123" in said


@pytest.mark.thorough
def test_a_task_that_does_not_end_is_cut_off_and_named(tmp_path: Path) -> None:
    process, _ = run_and('current_app.send_task("tests.sleep")', tmp_path, stop_seconds=10)
    wait_until(process, "sleeping")
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode == 0, said
    assert "Still busy and cut off: worker. The next run takes up the work." in said
    assert "Traceback" not in said


def test_the_service_ends_as_a_whole_when_a_part_of_it_ends(tmp_path: Path) -> None:
    process, _ = run_and("current_app.control.shutdown()", tmp_path)
    said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode == 1, said
    assert "A part of the service ended by itself" in said


@pytest.mark.thorough
@pytest.mark.services
def test_with_a_redis_its_wake_up_calls_go_through_it(tmp_path: Path) -> None:
    deed = "print(current_app.conf.broker_url); import os; os.kill(os.getpid(), 15)"
    process, before = run_and(deed, tmp_path, REDIS_URL=settings.REDIS_URL)
    said = before + process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode == 0, said
    assert settings.REDIS_URL in said
    assert "sent, with" in said
    assert "cut off" not in said
