"""The Celery application with two tasks that a test ends: `celery -A tests.stubborn_app worker`."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from config.celery import app
from digest.watch.shutdown import is_ending

__all__ = ["app"]


@app.task(name="tests.listen")
def listen(path: str) -> None:
    """Leave off as soon as it is said that the worker ends, and write down when that was."""
    Path(path).touch()
    while not is_ending():
        time.sleep(0.05)
    Path(path).write_text(str(time.monotonic()))


@app.task(name="tests.stay")
def stay(path: str) -> None:
    """Never end, whatever is said."""
    Path(path).write_text(str(os.getpid()))
    while True:
        with suppress(SystemExit):
            time.sleep(60)
