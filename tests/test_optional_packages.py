"""What requirements.txt leaves out is missing on most machines: the service starts without it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
# What a process loads: the web server, a worker with beat, and each command.
PARTS = ("config.urls", "config.wsgi", "config.celery", "digest.tasks", "subscribers.tasks")
# The package for metrics is asked for by these alone, and they say so where it is missing.
WITH_METRICS = {"metrics"}
START = """
import importlib, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import django
django.setup()
from django.core.management import get_commands, load_command_class
for part in PARTS:
    importlib.import_module(part)
for name, app in get_commands().items():
    if app in ("digest", "subscribers") and name not in WITH_METRICS:
        load_command_class(app, name)
print("started", len(ABSENT))
"""


def normalize(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def list_absent() -> set[str]:
    """The modules that are here, and that nobody has who installs requirements.txt alone."""
    required = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    named = {normalize(name) for name in re.findall(r"^([\w.-]+)==", required, re.MULTILINE)}
    installed = packages_distributions().items()
    kept = named | {"offprint", "pip", "setuptools"}
    return {module for module, names in installed if not kept & {normalize(n) for n in names}}


def test_the_service_starts_with_what_requirements_name_and_nothing_else() -> None:
    absent = list_absent()
    assert {"pytest", "prometheus_client", "playwright"} <= absent
    assert not absent & {"django", "celery", "anymail"}
    values = f"ABSENT, PARTS, WITH_METRICS = {absent!r}, {PARTS!r}, {WITH_METRICS!r}\n"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", values + START],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("started")
