"""Runs a bench in a PostgreSQL and a folder of its own: nothing of yours is read or written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from with_services import services  # beside this file

ROOT = Path(__file__).resolve().parent.parent


def run_apart(script: str, measure: Callable[[], int], *fills: list[str]) -> NoReturn:
    """Migrate, fill by these commands of Python, and measure in a process of its own.

    `script` is the bench, which comes here once more in that process. Ends with what `measure`
    returns, the number of things that are not as they should be.
    """
    if "--measure" in sys.argv:
        sys.path.insert(0, str(ROOT))
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django  # noqa: PLC0415 (reads the settings)

        django.setup()
        print(f"{os.cpu_count()} processors, {os.getloadavg()[0]:.1f} programs wanting one")
        sys.exit(measure())
    with TemporaryDirectory(prefix="offprint-bench-") as folder, services() as servers:
        settings = {"VAR_DIR": folder, "LOG_LEVEL": "ERROR", "SECRET_KEY": "bench", "DEBUG": "0"}
        env = {**os.environ, **settings, **servers.env}
        for command in (["manage.py", "migrate", "-v", "0"], *fills):
            subprocess.run([sys.executable, *command], env=env, cwd=ROOT, check=True)
        own = [sys.executable, "-W", "ignore", script, "--measure"]
        done = subprocess.run(own, env=env, cwd=ROOT, check=False)
    sys.exit(done.returncode)
