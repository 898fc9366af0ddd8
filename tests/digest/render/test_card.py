"""A paper stands in a mail with all that matters of it, and with less where room is short."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.models import DigestItem, Paper, Section, TopicReason
from digest.render.card import Card, Size
from digest.render.paper_card import MARK, PaperCard
from digest.render.paper_facts import PaperFacts
from digest.score import explain
from tests.plain_card import make_html_entry, make_text_entry

REASONS = [TopicReason(1, "diffusion policy", "Diffusion Policies")]
SLOTS = {"place": "3", "numeral": " 3", "feedback_url": "https://offprint.example.org/feedback/t/"}
SLOTS |= {"number": "9"} | {f"note{n}": str(n) for n in range(4)}
NUMBERS = ["4", "5", "6", "7"]


def item(reasons: Sequence[TopicReason] = REASONS) -> DigestItem:
    return DigestItem(1, Section.NEW, tuple(reasons))


ABSTRACT = "We study Diffusion Policies for robots. " * 30


def paper(**fields: Any) -> Paper:
    defaults: dict[str, Any] = {
        "title": "Grasping",
        "identifier": "arxiv:2604.00001",
        "url": "https://arxiv.org/abs/2604.00001",
        "published_at": datetime(2026, 4, 3, tzinfo=UTC),
        "abstract": ABSTRACT,
        "authors": ["Ada", "Grace"],
        "categories": ["cs.RO"],
    }
    return Paper(**(defaults | fields))


def set_card(found: Paper) -> Card:
    evidence = explain.describe_evidence(found.popularity)
    return Card(PaperCard(PaperFacts.read_paper(found)), item(), evidence)


def test_each_smaller_size_takes_less_room_and_keeps_the_title_and_a_link() -> None:
    card = set_card(paper())
    full, short, title = (card.render_html(size) for size in (Size.FULL, Size.SHORT, Size.TITLE))
    assert full.size > short.size > title.size
    for text in (full, short, title):
        said = text.fill(SLOTS)
        assert "Grasping" in said
        assert "https://arxiv.org/abs/2604.00001" in said
    assert "for robots" not in short.fill(SLOTS)
    assert "diffusion policy" in short.fill(SLOTS)


def test_a_title_alone_is_cut_where_it_is_very_long() -> None:
    long = paper(title=("Grasping " * 50).strip())
    assert len(make_html_entry(long, item(), Size.TITLE)["title"]) <= 160
    assert len(make_html_entry(long, item(), Size.SHORT)["title"]) == 449


def test_what_was_found_among_authors_or_categories_is_marked_there() -> None:
    authors = [*(f"Author {n}" for n in range(30)), "Yann LeCun"]
    reasons = [
        TopicReason(1, 'author:"Yann LeCun"', "Yann LeCun"),
        TopicReason(2, "cat:cs.CL", "cs.CL"),
    ]
    found = paper(authors=authors, categories=["cs.RO", "cs.CL"], abstract="On robots.")
    entry = make_html_entry(found, item(reasons))
    assert entry["byline"] == (f"Author 0, Author 1, Author 2, {MARK}Yann LeCun</mark> and 27 more")
    assert entry["meta"] == "cs.RO, cs.CL · 3 Apr 2026"
    assert "<mark>" not in entry["excerpt"]
    assert entry["reasons"] == "author:“Yann LeCun” and cat:cs.CL"
    assert entry["topics_label"] == "In your topics"


def test_a_summary_is_called_one_and_the_abstract_beside_it_too() -> None:
    found = paper(summary="It works.", abstract="First. Diffusion policies grasp. Last.")
    html = set_card(found).render_html(Size.FULL).fill(SLOTS)
    assert "In short:</span>\nIt works." in html
    assert f"From the abstract:</span> {MARK}Diffusion policies</mark> grasp." in html
    text = set_card(found).text.fill(SLOTS)
    assert "    In short: It works.\n" in text
    assert "    From the abstract: Diffusion policies grasp.\n" in text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "", "https://example.org/" + "x" * 900])
def test_a_paper_without_a_usable_address_leads_to_our_own_page(address: str, settings) -> None:
    settings.SITE_URL = "https://offprint.example.org"
    entry = make_html_entry(paper(url=address, identifier="url:x"), item())
    assert (entry["abstract_url"], entry["pdf_url"]) == ("", "")
    assert entry["title_url"] == "https://offprint.example.org/paper/url:x/"


def test_the_text_is_wrapped_beside_the_numeral() -> None:
    entry = make_text_entry(paper(title="A very long title " * 20), item(), NUMBERS, "12")
    for name in ("title", "byline", "excerpt", "reasons", "meta"):
        lines = entry[name].split("\n")
        assert max(map(len, lines)) <= 72
        assert all(line.startswith("    ") for line in lines[1:])
    assert entry["title"].startswith("A very")
    assert entry["byline"] == "    Ada, Grace"


def test_text_and_html_show_the_same_trend_and_links() -> None:
    talked = paper(
        trend_parts={"votes": 63, "votes_since_yesterday": 41, "days": 2},
        code_url="https://code.example.org/x",
        code_stars=1200,
    )
    card = set_card(talked)
    text = card.text.fill(SLOTS) + card.references.notes.fill(SLOTS)
    for part in (card.render_html(Size.FULL).fill(SLOTS), text):
        assert "+41 votes since yesterday, 63 in all, 2nd day" in " ".join(part.split())
        assert "1.2k ★" in part
        for link in ("arxiv.org/abs/2604.00001", "arxiv.org/pdf/2604.00001", "code.example.org/x"):
            assert f"https://{link}" in part
