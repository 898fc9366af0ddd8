"""The middleware that answers with kept pages refuses what the others would."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories import make_paper


@pytest.mark.django_db
def test_a_kept_page_is_served_under_no_foreign_name(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["offprint.example"]
    make_paper()
    assert client.get("/", headers={"Host": "offprint.example"}).status_code == 200
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 400


@pytest.mark.django_db
def test_a_kept_page_is_counted_under_its_name(client: Client) -> None:
    make_paper()
    for _ in range(2):
        assert client.get("/").resolver_match.view_name == "digest:today"
