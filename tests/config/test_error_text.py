"""A command whose surroundings are not right says so in a sentence, in a process of its own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config.error_text import HideTokens
from subscribers import tokens
from tests.factories import NOW

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "run `python manage.py migrate` first."),
        ({"DATABASE_URL": "postgres://reader@127.0.0.1:1/papers"}, "The database does not answer"),
        ({"DEBUG": "perhaps"}, "DEBUG is neither true nor false: write one of them."),
    ],
)
def test_a_command_ends_with_a_sentence_and_no_traceback(
    tmp_path: Path, env: dict[str, str], said: str
) -> None:
    kept = {"PATH": os.environ["PATH"], "ENV_FILE": "", "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "audit"]
    done = subprocess.run(command, env=kept | env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "token",
    [
        tokens.sign(tokens.PREFERENCES, 8),
        tokens.sign_dated(tokens.ACCOUNT, 8, NOW),
        tokens.sign_move(8, NOW, "ada@example.org"),
    ],
)
def test_no_link_of_a_reader_stands_in_the_log(token: str) -> None:
    log = logging.getLogger("django.request")
    record = log.makeRecord(log.name, 30, "", 0, "%s: %s", ("Bad", f"/any/{token}/html/"), None)
    for handler in ("console", "brief"):
        assert {"()": "config.error_text.HideTokens"} in _filters(handler)
    assert HideTokens().filter(record)
    assert record.getMessage() == "Bad: /any/…/html/"


def _filters(handler: str) -> list[object]:
    kept = settings.LOGGING["filters"]
    return [kept[name] for name in settings.LOGGING["handlers"][handler]["filters"]]
