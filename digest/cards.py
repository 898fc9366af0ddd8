"""One paper as it stands in a mail, in three sizes, whoever gets it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from textwrap import fill
from typing import Any

from django.conf import settings
from django.urls import reverse

from digest import wording
from digest.frames import Frame, sheet, slot
from digest.models import Paper

TEXT_WIDTH = 72
MARGIN = "    "  # beside it stands the numeral
SHORT_TITLE_CHARS = 160
Reasons = Sequence[Sequence[Any]]  # [[topic id, query, found words], …]


class Size(IntEnum):
    """How much of a paper is shown where not everything fits."""

    TITLE = 0
    SHORT = 1
    FULL = 2


class Card:
    """A paper and its reasons, set; `place` is the slot still open. Sizes are set when needed."""

    def __init__(self, paper: Paper, reasons: Reasons) -> None:
        self._paper, self._reasons = paper, reasons
        self._html: dict[Size, Frame] = {}
        self.text = sheet("text").frame("card", {"entry": text_entry(paper, reasons)})

    def html(self, size: Size) -> Frame:
        if size not in self._html:
            entry = html_entry(self._paper, self._reasons, size)
            self._html[size] = sheet("html").frame("card", {"entry": entry})
        return self._html[size]


def html_entry(
    paper: Paper, reasons: Reasons, size: Size = Size.FULL, place: str = slot("place")
) -> dict[str, Any]:
    """What the HTML template shows of a paper; what a size leaves out is empty."""
    words = wording.found_words(reasons)
    entry = _shared(paper, reasons) | {"place": place}
    title = paper.title if size else wording.shorten(paper.title, SHORT_TITLE_CHARS)
    summary, cut = wording.gist(paper, words) if size is Size.FULL else ("", "")
    marked = {"title": title, "byline": entry["byline"], "summary": summary, "excerpt": cut}
    entry |= {name: wording.mark(wording.wrap(text), words) for name, text in marked.items()}
    entry |= {name: wording.wrap(entry[name]) for name in ("reasons", "meta")}
    return entry if size else entry | dict.fromkeys(("byline", "abstract_url", "reasons"), "")


def text_entry(paper: Paper, reasons: Reasons, place: str = slot("place")) -> dict[str, Any]:
    """The same for the text template: every paragraph wrapped beside the numeral."""
    words = wording.found_words(reasons)
    shared = _shared(paper, reasons)
    summary, cut = wording.gist(paper, words)
    said = f"In your topic{'s' if len(reasons) > 1 else ''}: {shared['reasons']}"
    said = said if reasons else "From outside your topics"
    meta = " · ".join(filter(None, [shared["meta"], shared["evidence"]]))
    paragraphs = {
        "byline": shared["byline"],
        "summary": f"In short: {summary}" if summary else "",
        "excerpt": f"From the abstract: {cut}" if summary and cut else cut,
        "meta": meta,
        "reasons": said,
    }
    wrapped = {name: paragraph(text, MARGIN) for name, text in paragraphs.items()}
    title = paragraph(paper.title, MARGIN).removeprefix(MARGIN)
    return shared | wrapped | {"place": place, "title": title}


def paragraph(text: str, indent: str = "") -> str:
    return fill(text, TEXT_WIDTH, initial_indent=indent, subsequent_indent=indent)


def _shared(paper: Paper, reasons: Reasons) -> dict[str, Any]:
    words = wording.found_words(reasons)
    page_url = settings.SITE_URL + reverse("digest:paper", args=[paper.identifier])
    abstract_url = wording.web_url(paper.url)
    category = wording.categories_in_words(paper, words)
    day = wording.day_in_words(paper.published_at)
    return {
        "byline": wording.byline(paper, words),
        "evidence": wording.evidence(paper.trend_parts),
        "meta": " · ".join(filter(None, [category, day])),
        "title_url": abstract_url or page_url,
        "abstract_url": abstract_url,
        "pdf_url": wording.web_url(wording.pdf_url(paper)),
        "code_url": wording.web_url(paper.code_url),
        "stars": wording.stars_in_words(paper.code_stars),
        "page_url": page_url,
        "topics_label": _topics_label(len(reasons)),
        "reasons": wording.reasons_in_words(reasons) if reasons else "your topics",
    }


def _topics_label(topics: int) -> str:
    return {0: "From outside", 1: "In your topic"}.get(topics, "In your topics")
