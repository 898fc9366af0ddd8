"""The preferences of a reader whose mailbox is asked first, as a browser shows them."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.utils import timezone

from subscribers.account import send_links
from subscribers.mail.mail_links import preferences_url
from tests.factories import make_reader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = {"width": 375, "height": 812}


def find_faults(page: Any) -> list[str]:
    """What axe calls serious, and whether the page is wider than its window."""
    report = Axe().run(page).response["violations"]
    wrong = [one["id"] for one in report if one["impact"] in ("serious", "critical")]
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*wrong, "wide"] if is_wide else wrong


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_the_page_that_asks_the_mailbox_and_the_wish_that_comes_back_can_be_read_by_all(
    scheme: str, browser: Any, live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    reader = make_reader("RAG", "agents", "robots")
    with browser.new_context(viewport=NARROW, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        page.route("**/*.js", lambda route: route.abort())  # the field itself, in place of chips
        page.goto(preferences_url(reader.pk))
        page.locator("[name=followed]").fill("cats\ndogs")
        page.get_by_role("button", name="Save").first.press("Enter")
        page.get_by_text("Your topics are as they were.").wait_for()
        assert find_faults(page) == []
        send_links.send_asked_links(timezone.now())
        letter = str(mail.outbox[-1].body)
        page.goto(next(word for word in letter.split() if "/preferences/" in word))
        page.get_by_text("asked for in a new browser").wait_for()
        assert find_faults(page) == []
