"""A command whose surroundings are not right says so in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
