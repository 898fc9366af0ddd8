"""A mail stays small enough to be shown whole, however many papers it has and however long."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from digest.ingest.text.clean import ABSTRACT_CHARS, TITLE_CHARS, clean_tex
from digest.models import Delivery, Paper
from digest.render import Typesetter
from tests.factories import make_delivery, make_paper
from tests.mail_lint import Page, complaints, html_of

REAL = Path(
    os.environ.get("OFFPRINT_REAL", django_settings.BASE_DIR.parent / "shared" / "real")
).absolute()
COUNTS = (1, 5, 10, 20, 50)
FEW, FEW_BYTES, MOST_BYTES = 10, 45_000, 90_000

pytestmark = pytest.mark.django_db


def make_papers(entries: list[dict[str, Any]]) -> list[Paper]:
    return [make_paper(**fields) for fields in entries]


def set_mail(papers: list[Paper]) -> Any:
    """A digest in all its sections, every paper found by two topics."""
    sections, items = ("trending", "again", "new", "everywhere"), []
    for n, paper in enumerate(papers):
        section = sections[n * 4 // len(papers)]
        topics = [[1, "language models", "language models"], [2, "reasoning + agents", "agents"]]
        said = "+41 votes since yesterday, 63 in all, 12 comments, in 3 sources, 2nd day"
        shown = [] if section == "everywhere" else topics
        items.append({"id": paper.pk, "section": section, "topics": shown, "evidence": said})
    sources = ["cs.CL: 95 new", "cs.AI: yesterday's list, today's follows tomorrow"]
    delivery = make_delivery(contents={"papers": items, "seen": 412, "sources": sources})
    return Typesetter().render_all([Delivery.objects.get(pk=delivery.pk)])[0]


def check(message: Any, papers: list[Paper]) -> None:
    """Small enough, in order, and no paper left out without a word."""
    html = html_of(message)
    size, shown = len(html.encode()), len(Page(html).titles)
    assert size <= (FEW_BYTES if len(papers) <= FEW else MOST_BYTES)
    assert complaints(message) == []
    left_out = len(papers) - shown
    assert (f"{left_out} more on the web" in html) == bool(left_out)


@cache
def longest_rows() -> list[dict[str, Any]]:
    """The listed papers with the longest abstracts, the longest first, as ingest stores them."""
    paths = sorted((REAL / "arxiv-listing").glob("*.json"))
    found = [row for path in paths for row in json.loads(path.read_bytes())["papers"]]
    rows = sorted({row["title"]: row for row in found}.values(), key=lambda r: -len(r["abstract"]))
    return [
        {
            "title": clean_tex(row["title"], TITLE_CHARS),
            "abstract": clean_tex(row["abstract"], ABSTRACT_CHARS),
            "authors": row["authors"],
            "categories": row["categories"],
            "organization": "Northlight Laboratories for the Study of Language",
            "code_url": "https://github.com/northlight-laboratories/language-models",
            "code_stars": 12_345,
        }
        for row in rows[: max(COUNTS)]
    ]


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_dir(), reason=f"The captured documents are absent: no {REAL}.")
@pytest.mark.parametrize("count", COUNTS)
def test_a_mail_of_the_longest_real_papers_is_never_clipped(count: int) -> None:
    papers = make_papers(longest_rows()[:count])
    message = set_mail(papers)
    check(message, papers)
    assert len(Page(html_of(message)).titles) == count


@pytest.mark.parametrize(
    ("count", "letter"),
    [(10, "扩散策略在机器人上的研究"), (12, "𝒪(n²) ≤ ∞ "), (50, "Carrying far & wide ")],
)
def test_a_mail_of_endless_papers_is_never_clipped(count: int, letter: str) -> None:
    papers = make_papers(
        [
            {
                "title": f"{n} {letter * 40}"[:500].strip(),
                "abstract": f"{letter * 30}. " * 5,
                "summary": f"{letter * 40}."[:1000] if n % 2 else "",
                "authors": [letter * 6] * 40,
                "organization": letter * 9,
                "code_url": f"https://code.example.org/{'x' * 400}/{n}",
                "code_stars": 12_345,
                "categories": ["cs.RO", "cs.CL"],
            }
            for n in range(count)
        ]
    )
    check(set_mail(papers), papers)
