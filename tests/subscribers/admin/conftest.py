"""Whoever looks at the admin's pages in these tests."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create(username="hypatia", is_staff=True, is_superuser=True))
    return client
