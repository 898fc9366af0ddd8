"""Settings as they are read from an environment."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import pytest

SETTINGS = str(Path(__file__).parents[2] / "config" / "settings.py")


@pytest.fixture
def read_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Read the settings afresh in an environment that says this and nothing else of ours."""
    # A developer's own .env must not speak here.
    monkeypatch.setenv("ENV_FILE", "")
    for name in set(os.environ):
        if name.startswith(("ANYMAIL_", "OFFPRINT_")):
            monkeypatch.delenv(name)
    for name in NAMES:
        # Once set, so that what a .env file brings in is taken out again.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    def read(**env: str) -> dict[str, Any]:
        for name, value in {"VAR_DIR": str(tmp_path / "var"), **env}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(SETTINGS)

    return read


NAMES = [
    "ALLOWED_HOSTS",
    "ANYMAIL_POSTMARK_SERVER_TOKEN",
    "ANYMAIL_PROVIDER",
    "ANYMAIL_WEBHOOK_SECRET",
    "DATABASE_URL",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "FETCH_ALLOW_PRIVATE",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "METRICS_HOST",
    "METRICS_PORT",
    "OUTBOX_DIR",
    "REDIS_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SITE_URL",
    "UNSUBSCRIBE_MAILTO",
]
