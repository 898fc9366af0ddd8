"""What the tests of what providers report share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.webhook_posts import SETTINGS, stand_in_packages


@pytest.fixture
def webhooks(settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A site whose provider is every one at once."""
    settings.ANYMAIL = SETTINGS
    stand_in_packages(monkeypatch)
    return client
