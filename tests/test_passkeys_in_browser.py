"""Passkeys in Chromium, made and asked by an authenticator that it has in software."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model

from subscribers.models import Passkey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long one, guess it"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(browser: Any, live_server: Any, settings: Any) -> Iterator[Any]:
    """A phone with an authenticator, on which Ada has typed her password."""
    settings.SITE_URL = live_server.url
    get_user_model().objects.create_superuser("ada", "", PASSWORD)
    context = browser.new_context(viewport={"width": 375, "height": 800})
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    made = devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.devices, page.device = devices, made["authenticatorId"]
    sign_in(page, live_server.url)
    yield page
    context.close()


def sign_in(page: Any, site: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/admin/login/?next=/admin/digest/source/")
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Log in").click()


def wait_for_alert(page: Any, said: str) -> None:
    """Waits for a sentence; all that may have to be said are in the page, hidden."""
    page.get_by_role("alert").filter(has_text=said).wait_for()


def test_a_passkey_is_made_named_used_and_removed(page: Any, live_server: Any) -> None:
    problems = list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/admin/second-step/set-up/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_label("Name of a new one").fill("Phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    sign_in(page, live_server.url)
    assert "/admin/second-step/" in page.url
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/admin/digest/source/")
    assert Passkey.objects.get().sign_count == 2
    page.goto(f"{live_server.url}/admin/second-step/set-up/")
    page.get_by_text("Phone since").wait_for()
    # The same device makes no second one, and says so.
    page.get_by_role("button", name="Add a passkey").click()
    wait_for_alert(page, "This device has a passkey for this site already.")
    page.get_by_role("button", name="Remove Phone").click()
    page.get_by_text("Your second step is ended.").wait_for()
    assert not Passkey.objects.exists()
    assert not [one for one in problems if "Content Security" in one or "passkeys.js" in one]


def test_its_pages_pass_axe_on_a_phone_in_the_dark(page: Any, live_server: Any) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live_server.url}/admin/second-step/set-up/")
    page.get_by_label("Name of a new one").fill("Phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    faults = {"codes": find_faults(page)}
    page.goto(f"{live_server.url}/admin/second-step/set-up/")
    page.get_by_text("Phone since").wait_for()
    faults["set-up"] = find_faults(page)
    sign_in(page, live_server.url)
    page.get_by_role("button", name="Use a passkey").wait_for()
    faults["asked"] = find_faults(page)
    assert faults == {"codes": [], "set-up": [], "asked": []}


def find_faults(page: Any) -> list[str]:
    report = Axe().run(page).response["violations"]
    wrong = [one["id"] for one in report if one["impact"] in {"serious", "critical"}]
    if page.evaluate("document.documentElement.scrollWidth") > 375:
        wrong.append("wider than the window")
    return wrong


def test_whose_owner_is_not_recognised_and_who_is_elsewhere_is_told(
    page: Any, live_server: Any, settings: Any
) -> None:
    page.goto(f"{live_server.url}/admin/second-step/set-up/")
    refused = {"authenticatorId": page.device, "isUserVerified": False}
    page.devices.send("WebAuthn.setUserVerified", refused)
    page.get_by_role("button", name="Add a passkey").click()
    wait_for_alert(page, "It was called off, or took too long.")
    settings.SITE_URL = "https://papers.example.org"
    page.reload()
    page.get_by_role("button", name="Add a passkey").click()
    wait_for_alert(page, "Open this site as https://papers.example.org")
    assert not Passkey.objects.exists()


def test_without_javascript_the_page_says_so_and_has_the_code(
    browser: Any, live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    get_user_model().objects.create_superuser("ada", "", PASSWORD)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/second-step/set-up/")
    page.get_by_text("To add a passkey this page needs JavaScript").wait_for()
    assert page.get_by_role("button", name="Add a passkey").count() == 0
    assert page.get_by_role("button", name="Begin").count() == 1
    context.close()
