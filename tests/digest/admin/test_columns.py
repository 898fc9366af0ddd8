"""Columns that several lists show."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from digest.admin.columns import ago, link

pytestmark = pytest.mark.django_db


def test_only_web_addresses_become_links() -> None:
    assert "href" not in link("javascript:alert(1)", "<b>")
    assert link("javascript:alert(1)", "<b>") == "&lt;b&gt;"
    assert 'href="https://example.org/?a=1&amp;b=2"' in link("https://example.org/?a=1&b=2", "x")


def test_moments_are_said_as_people_say_them() -> None:
    now = timezone.now()
    assert ago(None) == "–"
    assert ago(now - timedelta(seconds=50)) == "just now"
    assert ago(now + timedelta(seconds=50)) == "within a minute"
    assert ago(now - timedelta(minutes=89, seconds=1)) == "89 min ago"
    assert ago(now + timedelta(hours=3, minutes=1)) == "in 3 h"
    assert ago(now - timedelta(days=5)) == "5 days ago"
