"""The admin's pages fit a phone: what can be added, and what can be done for a subscriber."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from subscribers.admin.acts import ACTS
from tests.factories import make_reader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = 375  # pixels


def list_addresses(client: Client) -> list[str]:
    """The page to add to each list that takes something, a person's page, and that of each act."""
    reader = make_reader("RAG")
    names = [(one._meta.app_label, one._meta.model_name) for one in admin.site._registry]
    added = [reverse(f"admin:{app}_{model}_add") for app, model in names]
    acts = [reverse("admin:subscribers_subscriber_act", args=[name]) for name in ACTS]
    return [
        *(address for address in added if client.get(address).status_code == 200),
        reverse("admin:subscribers_subscriber_change", args=[reader.pk]),
        *(f"{address}?id={reader.pk}" for address in acts),
    ]


def test_no_page_is_wider_than_a_phone(client: Client, live_server: Any, browser: Any) -> None:
    client.force_login(get_user_model().objects.create_superuser("ada", "", "x"))
    addresses = list_addresses(client)
    assert reverse("admin:subscribers_subscriber_add") in addresses
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(viewport={"width": NARROW, "height": 800})
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page, wide = context.new_page(), dict[str, int]()
    for address in addresses:
        answer = page.goto(f"{live_server.url}{address}")
        assert answer.status == 200, address
        assert page.get_by_role("button", name="Log in").count() == 0, "nobody is signed in"
        wide[address] = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert {address: width for address, width in wide.items() if width > NARROW} == {}
