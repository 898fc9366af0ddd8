"""A mail uses nothing that a widespread mail program lacks, but what is known and does no harm."""

from __future__ import annotations

import pytest

from tests.mail_features import list_features, read_support
from tests.test_mail_in_browser import digest_html, letter_html

# What is lost where a program lacks it. Nothing else may be lost anywhere.
LIGHT = "a mail stays as it is by day, and its colours can be read when they are inverted"
SHEET = "every style that matters stands at its element too; the sheet adds widths and the dark"
KNOWN = {
    "css-at-media": LIGHT,
    "css-at-media-prefers-color-scheme": LIGHT,
    "html-meta-color-scheme": LIGHT,
    "html-style": SHEET,
    "css-selector-class": SHEET,
    "css-selector-descendant": SHEET,
    "css-selector-grouping": SHEET,
    "css-selector-id": SHEET,
    "html-body": "it becomes another element that has the same styles",
    "css-display-none": "it hides the preview line, which is as small and clear as can be as well",
    "css-max-height": "the same",
    "css-opacity": "the same",
    "css-overflow": "the same; and a line of the contents may take two",
    "css-height": "of rows that are as high as their text",
    "css-border-radius": "corners are sharp",
    "css-outline": "of images, of which there are none",
    "css-pseudo-class-hover": "a link says nothing more under the mouse",
    "css-text-decoration": "links of titles are underlined",
    "css-text-decoration-color": "the line under a link has its letters' colour",
    "css-text-decoration-thickness": "the line under a link is as thick as usual",
    "css-overflow-wrap": "a long word is broken by word-break where there is no overflow-wrap",
    "css-word-break": "the same the other way round",
    "css-white-space": "two words of a line of links may be parted",
    "css-word-spacing": "blanks are as wide as usual",
    "css-cursor": "the mouse points as at any text",
    "html-aria-label": "the words of the link are read out instead",
    "html-role": "a table is read out as one",
    "html-target": "the link opens where the program opens links",
}


def list_lost(html: str) -> set[str]:
    """The features of a mail that some program lacks."""
    support = read_support()
    return {name for name in list_features(html) if support[name]}


@pytest.mark.django_db
def test_what_some_mail_program_lacks_is_known_and_does_no_harm() -> None:
    lost = list_lost(digest_html()) | list_lost(letter_html())
    assert lost == KNOWN.keys()


@pytest.mark.django_db
def test_no_line_of_the_contents_leads_to_a_place_within_the_mail() -> None:
    html = digest_html()
    assert "In this mail" in html
    assert "html-anchor-links" not in list_features(html)


def test_what_a_mail_uses_is_read_from_its_elements_sheets_and_styles() -> None:
    html = (
        "<style>/* a { } */ @media (hover:none) { .a:hover > p { gap:2rem } }</style>"
        '<section hidden><h2 style="margin-top:1em;display:grid;color:rgb(0, 0, 0) !important">'
        '<a href="#p1">1</a> <a href="mailto:ada@example.org">2</a></h2></section>'
    )
    assert list_features(html) >= {
        "css-at-media",
        "css-at-media-hover",
        "css-display-grid",
        "css-gap",
        "css-important",
        "css-margin",
        "css-pseudo-class-hover",
        "css-rgb",
        "css-selector-child",
        "css-selector-class",
        "css-unit-em",
        "css-unit-rem",
        "html-anchor-links",
        "html-h1-h6",
        "html-hidden",
        "html-mailto-links",
    }
