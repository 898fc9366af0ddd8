"""Subscribers take along all that is stored about them."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from subscribers.models import (
    Subscriber,
    Suppression,
)
from tests.factories import NOW, make_delivery, make_reader
from tests.subscribers.account.test_address import account_path

pytestmark = pytest.mark.django_db


def test_everything_held_is_in_the_export_of_whatever_app(client: Client) -> None:
    reader = make_reader("agents", mutes=("survey",), email="ada@example.org")
    make_delivery(subscriber=reader)
    reader.confirmations.create(sent_at=NOW, wish={"topics": ["agents"]})
    Suppression.objects.suppress(reader.email, "complaint")
    answer = client.post(account_path(reader), {"action": "export"})
    held = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert held["subscriber"]["email"] == "ada@example.org"
    said = [(row["topic"], row["mode"]) for row in held["interests"]]
    assert said == [("agents", "follow"), ("survey", "mute")]
    assert held["deliveries"][0]["contents"]["papers"]
    assert held["suppressions"][0]["reason"] == "complaint"
    assert held["confirmations"] == [
        {"sent_at": "2026-04-22T12:00:00Z", "wish": {"topics": ["agents"]}}
    ]
    names = {
        str(r.related_model._meta.verbose_name_plural) for r in Subscriber._meta.related_objects
    }
    assert names <= set(held)
