"""Each story of `make webhooks` told once for every provider: tests/campaigns/webhooks.py."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.campaigns.webhooks import run_provider
from tests.webhook_posts import SETTINGS, stand_in_packages
from tests.webhook_words import PROVIDERS

THOROUGH = pytest.mark.thorough
USUAL = "amazon_ses"  # which reports by signed notifications


# The days of a story, once; both passes run tests/digest/track, which tries each of its steps.
@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize(
    "provider",
    [name if name == USUAL else pytest.param(name, marks=THOROUGH) for name in PROVIDERS],
)
def test_whatever_a_provider_reports_every_story_ends_as_it_must(
    provider: str, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ANYMAIL = SETTINGS
    stand_in_packages(monkeypatch)
    counts = run_provider(client, provider, events=25)
    assert counts["suppressed"] >= 3
    assert counts["refused"] >= 2
    assert counts["rows"] < counts["posts"]
