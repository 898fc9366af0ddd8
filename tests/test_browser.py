"""The browser tests have a browser, and it can reach this machine and nothing else."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_browser_shows_the_admins_door(live_server: Any, page: Any) -> None:
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("body")).to_contain_text("Please enter the correct username and password")


def test_the_browser_stands_inside_the_fence(page: Any) -> None:
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://offprint.example.org/")
