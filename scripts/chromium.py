"""Where the browser tests find a Chromium: the system's, the system's package, Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
VARIABLE = "BROWSER_FOR_TESTS"  # a path, "playwright" for its own download, or "" for none
INSTALL_SECONDS = 240


def find_chromium() -> dict[str, str]:
    """Find a browser, install one where that is possible, and say which it is.

    Returns the environment that tests/conftest.py reads.
    """
    choice = _installed() or _from_apt() or _from_playwright()
    if choice:
        print(f"Browser tests use {choice}.")
    else:
        print(
            "No Chromium is installed and none could be: the browser tests are skipped.\n"
            "To run them, install the package chromium."
        )
    return {VARIABLE: choice}


def _installed() -> str:
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def _from_apt() -> str:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return ""
    print("Installing Chromium for the browser tests (apt-get install chromium).", flush=True)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    return _installed() if _try(install) or (_try(["apt-get", "update"]) and _try(install)) else ""


def _from_playwright() -> str:
    print("Asking Playwright for its own Chromium.", flush=True)
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    return "playwright" if _try(install) else ""


def _try(command: list[str]) -> bool:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=env, capture_output=True, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
