"""On a telephone a row is a card, and each of its cells is named as the column's head is."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_reader

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["subscribers_subscriber", "auth_user", "subscribers_topic"])
def test_a_card_names_its_cells_as_the_list_heads_its_columns(
    name: str, admin_client: Client
) -> None:
    make_reader("RAG")
    page = admin_client.get(reverse(f"admin:{name}_changelist")).content.decode()
    labels = set(re.findall(r'data-label="([^"]*)"', page))
    assert len(labels) > 3
    assert "Select record" not in labels
    assert [label for label in labels if label[:1].islower()] == []


def test_the_tick_is_named_by_what_one_does_with_it(admin_client: Client) -> None:
    make_reader("RAG")
    page = admin_client.get(reverse("admin:subscribers_subscriber_changelist")).content.decode()
    assert 'data-label="Tick"' in page
