"""What the tests of the admin share."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create(username="noether", is_staff=True, is_superuser=True))
    return client
