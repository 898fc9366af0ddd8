"""PostgreSQL and Redis for the tests, and the celery worker that both are for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.running import PATIENCE_SECONDS, wait_for

ROOT = Path(__file__).parent.parent
PROVIDE = [sys.executable, str(ROOT / "scripts" / "with_services.py")]
# What a command that runs inside finds: both servers answer, and the folder they live in.
LOOK = """
import os, sys, psycopg, redis
host = os.environ["DATABASE_URL"].split("@")[1].rsplit("/", 1)[0].replace("%2F", "/")
with psycopg.connect(host=host, user="postgres", dbname="postgres") as connection:
    assert connection.execute("SELECT 6 * 7").fetchone() == (42,)
server = redis.Redis(unix_socket_path=os.environ["REDIS_URL"].removeprefix("redis+socket://"))
postmaster = open(f"{host}/data/postmaster.pid").readline().strip()
print(host, postmaster, server.info()["process_id"], flush=True)
"""

pytestmark = pytest.mark.services


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def are_gone(said: str) -> bool:
    """True when neither the folder nor the processes that LOOK printed are left."""
    folder, *pids = said.split()
    return not Path(folder).exists() and not any(is_running(int(pid)) for pid in pids)


@pytest.mark.parametrize("where", ["system first", "pip"])
def test_a_command_finds_both_servers_and_its_exit_code_comes_back(where: str) -> None:
    env = {**os.environ, "SERVICES": where}
    command = [*PROVIDE, sys.executable, "-c", LOOK + "sys.exit(7)"]
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 7, done.stderr
    postgres, redis, looked = done.stdout.splitlines()
    assert postgres.startswith("PostgreSQL 1")
    assert re.match(r"(Redis|Valkey) \d+\.\d+\.\d+ from ", redis)
    assert all("the pip package" in origin for origin in (postgres, redis)) or where != "pip"
    wait_for(lambda: are_gone(looked), "the servers' end")


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, marks=pytest.mark.thorough), signal.SIGTERM]
)
def test_servers_end_with_whoever_asked_for_them(number: signal.Signals) -> None:
    command = [*PROVIDE, sys.executable, "-c", LOOK + "sys.stdin.read()"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        encoding="utf-8",
    )
    assert process.stdout
    looked = [process.stdout.readline().strip() for _ in range(3)][-1]
    assert all(is_running(int(pid)) for pid in looked.split()[1:])
    os.killpg(process.pid, number)  # as a terminal does: to all that were started in it
    process.wait(PATIENCE_SECONDS)
    process.stdout.close()
    assert process.returncode != 0
    wait_for(lambda: are_gone(looked), "the servers' end")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("echo no room on the disk >&2; exit 1", "failed:\nno room on the disk"),
        ("", "cannot be run"),
    ],
)
def test_a_server_that_cannot_start_is_said_in_words(program: str, said: str) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import with_services as w, pathlib\n"
        "w._find_postgres = lambda folder: (pathlib.Path(sys.argv[2]), 'a test')\n"
        "sys.exit(w.main(['true']))"
    )
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        if program:
            (Path(folder) / "initdb").write_text(f"#!/bin/sh\n{program}\n")
            (Path(folder) / "initdb").chmod(0o755)
        command = [sys.executable, "-c", script, str(ROOT / "scripts"), folder]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
