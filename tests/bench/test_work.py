"""Work of the bench that fails says why in a line, and names no folder of the machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.work import Work, WorkFailed


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ValueError('no such topic')", "fill: ValueError: no such topic"),
        ("raise SystemExit('Two papers of three came in.')", "fill: Two papers of three came in."),
        ("raise SystemExit(3)", "fill: it ended without a word"),
    ],
)
def test_what_fails_says_why_in_its_last_line(code: str, said: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with pytest.raises(WorkFailed) as failure:
        Work("fill", process).finish()
    assert str(failure.value) == said
