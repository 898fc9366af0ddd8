"""The door's other ways, in a real browser: by keyboard alone, and all that an account can do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from subscribers import tasks
from subscribers.account import send_links
from subscribers.mail.mail_links import account_url, unsubscribe_url
from subscribers.models import Subscriber
from tests.factories import make_reader
from tests.test_pages import follow_link_of_newest_mail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESS, NEW = "ada@example.org", "new@example.org"


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    settings.SITE_URL = live_server.url
    return str(live_server.url)


def press(page: Any, name: str) -> None:
    """Go on with Tab until the focus is on what has this name, and press Enter."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.textContent.trim()")
        if focused == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab never came to “{name}”.")


def heading(page: Any) -> Any:
    return expect(page.get_by_role("heading", level=1))


def test_the_keyboard_alone_signs_up_confirms_changes_leaves_and_comes_back(
    site: str, page: Any
) -> None:
    page.goto(f"{site}/subscribe/")
    page.get_by_label("Email address").focus()
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Tab")
    page.keyboard.type("RAG,world model")
    page.keyboard.press("Enter")
    expect(page.locator(".chips li")).to_have_text(["RAG×", "world model×"])
    expect(page.locator(".tried .rate")).to_have_count(2)
    press(page, "Subscribe")
    heading(page).to_have_text("Check your inbox.")

    tasks.send_pending_confirmations()
    page = follow_link_of_newest_mail(page, site, "Confirm my digest")
    press(page, "Confirm my digest")
    heading(page).to_have_text("Confirmed.")
    press(page, "Change topics, hour or number")
    chips = expect(page.locator(".chips").first.get_by_role("listitem"))
    chips.to_have_text(["RAG×", "world model×"])  # before that the field is the plain one
    page.get_by_label("Topics you follow", exact=True).focus()
    page.keyboard.press("Backspace")
    page.keyboard.type("agents")
    chips.to_have_text(["RAG×"])
    press(page, "Save")
    expect(page.get_by_role("status").get_by_text("Saved.")).to_be_visible()
    reader = Subscriber.objects.get()
    assert {topic.query for topic in reader.topics.all()} == {"RAG", "agents"}

    for button, said in (("Weekly instead", "Once a week, then."), ("Fewer papers", "Three")):
        page.goto(unsubscribe_url(reader.pk))
        press(page, button)
        heading(page).to_contain_text(said)
        press(page, "Undo")
        heading(page).to_have_text("As if nothing had happened.")
    page.goto(unsubscribe_url(reader.pk))
    press(page, "Unsubscribe")
    heading(page).to_have_text("You are unsubscribed.")
    press(page, "Undo")
    heading(page).to_have_text("As if nothing had happened.")
    after = Subscriber.objects.get()
    assert (after.status, after.cadence, after.max_papers) == ("active", "daily", 10)


@pytest.mark.thorough
def test_without_a_script_a_digest_moves_is_called_back_taken_along_and_deleted(
    site: str, browser: Any
) -> None:
    make_reader("RAG", email=ADDRESS, next_digest_at=timezone.now())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/preferences/")
    page.get_by_label("Email address").fill(ADDRESS)
    page.get_by_role("button", name="Send me my link").click()
    heading(page).to_have_text("Look into your inbox.")

    send_links.send_asked_links(timezone.now())
    account = follow_link_of_newest_mail(page, site, "your account page")
    account.get_by_label("New address").fill(NEW)
    account.get_by_role("button", name="Send a letter there").click()
    heading(account).to_have_text("Look into the new inbox.")
    send_links.send_asked_links(timezone.now())
    moved = follow_link_of_newest_mail(page, site, "Send it here")
    moved.get_by_role("button", name="Send it here").click()
    heading(moved).to_have_text("Your digest has moved.")
    assert Subscriber.objects.get().email == NEW

    send_links.send_asked_links(timezone.now())
    back = follow_link_of_newest_mail(page, site, "It was not me: bring it back")
    back.get_by_role("button", name="Bring it back").click()
    heading(back).to_have_text("Your digest comes here again.")
    assert Subscriber.objects.get().email == ADDRESS

    # The moves ended the link before; another letter to that address has to wait.
    account.goto(account_url(Subscriber.objects.get(), timezone.now()))
    with account.expect_download() as taken:
        account.get_by_role("button", name="Download everything").click()
    held = json.loads(Path(taken.value.path()).read_text())
    assert held["subscriber"]["email"] == ADDRESS
    account.get_by_role("button", name="Delete everything").click()
    expect(account.get_by_role("alert")).to_contain_text("tick the box")
    account.get_by_label("I mean it").check()
    account.get_by_role("button", name="Delete everything").click()
    heading(account).to_have_text("Everything is deleted.")
    assert not Subscriber.objects.exists()
    context.close()
