"""Privacy, imprint, contact and security.txt say what the operator set, and nothing is made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from digest.web.house_pages import SECURITY_VALID_FOR, find_expiry
from subscribers.site_look import forget_look
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_the_privacy_page_says_the_times_that_are_kept_and_what_the_operator_adds(
    client: Client, settings: Any
) -> None:
    forget_look()
    settings.PRIVACY_TEXT = ["Responsible: <Example Lab>", "Complain at https://authority.example"]
    page = client.get("/privacy/").content.decode()
    for said in ("180 days", "or 30 days after you unsubscribe", "90 days", "7 days"):
        assert said in page
    assert "Responsible: &lt;Example Lab&gt;" in page
    assert 'href="https://authority.example"' in page
    assert 'href="/privacy/"' in client.get("/subscribe/").content.decode()


@pytest.mark.parametrize("name", ["imprint", "contact"])
def test_a_page_without_a_text_is_not_there_and_no_page_links_to_it(
    client: Client, settings: Any, name: str
) -> None:
    forget_look()
    setattr(settings, f"{name.upper()}_TEXT", [])
    assert client.get(f"/{name}/").status_code == 404
    assert f'href="/{name}/"' not in client.get("/subscribe/").content.decode()
    forget_look()
    setattr(settings, f"{name.upper()}_TEXT", ["Example Lab\n1 Example Street", "ada@example.org"])
    page = client.get(f"/{name}/").content.decode()
    assert "Example Lab<br>1 Example Street" in page
    assert 'href="mailto:ada@example.org"' in page
    assert f'href="/{name}/"' in client.get("/subscribe/").content.decode()


def test_security_txt_has_a_contact_and_a_date_within_the_year(
    client: Client, settings: Any
) -> None:
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    answer = client.get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@example.org"
    assert fields["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"
    expires = datetime.fromisoformat(fields["Expires"])
    assert expires.tzinfo == UTC
    assert NOW + timedelta(days=90) < find_expiry(NOW) <= NOW + SECURITY_VALID_FOR
