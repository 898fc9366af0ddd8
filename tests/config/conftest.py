"""Settings as they are read from an environment, and one of the staff with a passkey."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from subscribers.models import Passkey
from tests.authenticator import Authenticator
from tests.second_step import PASSWORD, add_passkey, sign_in

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


@pytest.fixture
def ada() -> User:
    return get_user_model().objects.create_superuser("ada", "ada@example.org", PASSWORD)


@pytest.fixture
def device(client: Client, ada: User, that_wednesday: None) -> Authenticator:
    """A passkey of Ada's, with which `client` is signed in."""
    sign_in(client)
    device = Authenticator()
    assert b"Your recovery codes" in add_passkey(client, device).content
    assert Passkey.objects.get().user == ada
    return device


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
