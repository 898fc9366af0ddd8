"""A mail as mail programs show it: wide and narrow, light, dark and inverted, read by a machine."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect

from digest.models import Delivery
from digest.render import Typesetter
from subscribers.mail import emails
from tests.factories import make_delivery, make_paper, make_reader
from tests.mail_lint import html_of

# A mail stands within the landmarks of the mail program, and must bring none of its own.
WITHOUT_LANDMARKS = {"rules": {r: {"enabled": False} for r in ("landmark-one-main", "region")}}
WIDTHS = (320, 375, 480, 640, 800)
# Foreground and background of every text in a mail, as its light and its dark style have them.
PAIRS = {
    "light": [
        ("#1d1c1a", "#fcfbf7"),
        ("#66625a", "#fcfbf7"),
        ("#a8321a", "#fcfbf7"),
        ("#1d1c1a", "#fbe7a1"),
        ("#ffffff", "#a8321a"),
    ],
    "dark": [
        ("#ece8df", "#171614"),
        ("#a39d91", "#171614"),
        ("#f0896f", "#171614"),
        ("#171614", "#e6c45c"),
        ("#171614", "#f0896f"),
    ],
}


def digest_html() -> str:
    """A digest with everything that one can have."""
    papers = [
        make_paper(
            title=f"A World Model for Slow Cameras and 0<x<1, Part {n}" + " at Length" * n,
            abstract="We keep a world model small. " * 12,
            summary="A small world model." if n % 2 else "",
            authors=["Ada Adler", "Ben Berg", "Cleo Cruz", "علي"],
            organization="Northlight Labs",
            categories=["cs.CV"],
            code_url="https://code.example.org/slow",
            code_stars=12_345,
        )
        for n in range(7)
    ]
    sections = ("trending", "again", "again", "new", "new", "new", "everywhere")
    items = [
        {
            "id": paper.pk,
            "section": section,
            "topics": [] if section == "everywhere" else [[1, "world model", "world model"]],
            "evidence": "" if section == "new" else "+41 votes since yesterday, 63 in all",
        }
        for paper, section in zip(papers, sections, strict=True)
    ]
    contents = {"papers": items, "seen": 171, "is_first": True, "sources": ["cs.CL: 95 new"]}
    made = make_delivery(subscriber=make_reader(cadence="weekly"), contents=contents)
    [message] = Typesetter().render_all([Delivery.objects.get(pk=made.pk)])
    return html_of(message)


def letter_html() -> str:
    context = {"confirm_url": f"{settings.SITE_URL}/confirm/{'x' * 60}/", "topic_count": 3}
    return html_of(emails.build_mail("confirmation", "ada@example.org", context, {}))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_a_mail_passes_axe_and_fits_every_width(scheme: str, browser: Any) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for html in (letter_html(), digest_html()):
        page.set_content(html)
        report = Axe().run(page, options=WITHOUT_LANDMARKS)
        assert report.violations_count == 0, report.generate_report()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == []
    line = page.get_by_role("listitem").nth(5).get_by_role("link")
    page_of_mail, _, place = str(line.get_attribute("href")).partition("#")
    assert page_of_mail.startswith(f"{settings.SITE_URL}/mail/")
    expect(page.locator(f"#{place}")).to_have_count(1)  # its page is the same mail
    context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_paper_in_arabic_is_set_from_the_right_with_or_without_a_style_sheet(page: Any) -> None:
    arabic = "نماذج لغوية كبيرة"
    papers = [make_paper(title=arabic, abstract="", summary=f"{arabic}.", authors=["علي"])]
    papers += [make_paper(title=f"A Long Title {'of Words ' * 9}{n}") for n in range(5)]
    items = [{"id": p.pk, "section": "new", "topics": [[1, arabic, arabic]]} for p in papers]
    made = make_delivery(contents={"papers": items})
    [message] = Typesetter().render_all([Delivery.objects.get(pk=made.pk)])
    html = html_of(message)
    page.set_viewport_size({"width": 375, "height": 700})
    for sent, lines in ((html, 1), (re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL), 3)):
        page.set_content(sent)
        card = page.get_by_role("heading", level=3).first
        right = "e => e.getBoundingClientRect().right"
        edge = card.evaluate(right)
        for told in (card.get_by_role("link"), page.get_by_text("In short:")):
            assert abs(told.evaluate(right) - edge) < 1  # its line begins at the right
        line = page.get_by_role("listitem").nth(2)
        assert round(line.bounding_box()["height"] / 22) == lines
        assert page.evaluate("document.documentElement.scrollWidth") == 375


# A client that inverts colours knows no dark style, so it inverts the light one.
@pytest.mark.parametrize(
    ("scheme", "is_inverted"), [("light", False), ("light", True), ("dark", False)]
)
def test_every_text_can_be_read_in_every_light(scheme: str, *, is_inverted: bool) -> None:
    for front, back in PAIRS[scheme]:
        ratio = contrast(channels(front, is_inverted), channels(back, is_inverted))
        assert ratio >= 4.5, (front, back, ratio)


def test_these_are_all_the_colours_a_mail_has() -> None:
    known = {colour for pairs in PAIRS.values() for pair in pairs for colour in pair}
    rules = {"#dcd9d2", "#3c3935"}  # lines, which are no text
    folder = settings.BASE_DIR / "templates" / "emails"
    for path in folder.rglob("*.mjml"):
        words = path.read_text().replace('"', " ").replace(";", " ").replace(":", " ").split()
        used = {word.lower() for word in words if word.startswith("#") and len(word) == 7}
        assert used <= known | rules, path


def channels(colour: str, is_inverted: bool) -> list[float]:
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [1 - value for value in values] if is_inverted else values


def contrast(front: list[float], back: list[float]) -> float:
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05), from the relative luminance of both."""
    light, dark = sorted((luminance(front), luminance(back)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(values: list[float]) -> float:
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
