"""From a link in a mail to feedback given, taken back and remembered, in a real browser."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from digest.compose import compose_due
from digest.deliver import deliver_planned
from digest.deliver.outbox import read_mail, read_outbox
from digest.models import Feedback, Paper, SavedPaper
from subscribers.mail.mail_links import feedback_url
from subscribers.models import Interest, Leaning, Subscriber
from subscribers.web.known_browsers import COOKIE
from tests.factories import make_match, make_paper, make_reader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    settings.SITE_URL = live_server.url
    return str(live_server.url)


def links_of_the_mail(reader: Subscriber, paper: Paper, outbox: Path) -> dict[str, str]:
    """The addresses in the digest, by what stands before the paper's number."""
    compose_due(timezone.now())
    deliver_planned(timezone.now())
    [letter] = read_outbox(outbox)
    parts = read_mail(outbox, letter.name)
    assert parts
    base = re.escape(feedback_url(reader.pk))
    found = re.findall(rf'href="({base}(\w+)/{paper.pk}/)"', unescape(parts.html))
    return {verb: url for url, verb in found}


def what_is_kept() -> list[int]:
    rows = (Leaning, Feedback, SavedPaper, Interest)
    return [model._default_manager.count() for model in rows]


@pytest.mark.thorough
def test_a_reader_says_less_mutes_and_saves_without_signing_in_or_a_script(
    site: str, browser: Any, settings: Any
) -> None:
    reader, now = make_reader("world model"), timezone.now()
    titles = ["A Survey of World Models", "A World Model for Orcas", "A Survey of Orcas"]
    for title in (*titles, "Tides and a World Model", "A World Model of Cities"):
        paper = make_paper(title=title, news_at=now, first_seen_at=now, categories=["cs.RO"])
        make_match(paper, "world model", 2.0)
    survey = Paper.objects.get(title="A Survey of World Models")
    links = links_of_the_mail(reader, survey, Path(settings.OUTBOX_DIR))
    assert set(links) == {"more", "less", "mute", "save"}

    scanner = browser.new_page()  # it follows every link, and runs what scripts there are
    before = what_is_kept()
    for link in links.values():
        scanner.goto(link)
    scanner.close()
    assert what_is_kept() == before

    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    heading = page.get_by_role("heading", level=1)
    page.goto(links["less"])
    page.get_by_role("button", name="Less like this").click()
    expect(heading).to_have_text("Less like this.")
    expect(page.get_by_role("status")).to_contain_text(
        "Papers on “world model” now come a little later in your digest"
    )
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("is what it was before")
    assert not Leaning.objects.exists()

    page.goto(links["mute"])
    page.get_by_role("button", name="Mute “survey” in the title").click()
    expect(page.get_by_role("status")).to_contain_text("Muted: “survey” in the title.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone")
    assert not Interest.objects.filter(mode="mute").exists()

    page.goto(links["save"])
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Open the reading list").click()
    expect(heading).to_have_text("Reading list")
    page.get_by_role("button", name="remove A Survey of World Models").click()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("A Survey of World Models")
    bibtex = page.get_by_role("link", name="BibTeX").get_attribute("href")
    assert "{A Survey of World Models}" in context.request.get(bibtex).text()
    page.get_by_role("link", name="Preferences", exact=True).click()
    expect(page.get_by_role("heading", name="Learned from your more and less")).to_be_visible()
    kept = {(one["name"], one["path"]) for one in context.cookies()}
    assert kept <= {(COOKIE, "/preferences/")}
    context.close()
