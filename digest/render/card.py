"""One paper as it stands in a mail, in three sizes, whoever gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from digest import english
from digest.compose.features import suggest_mute
from digest.models import DigestItem, Paper, Section
from digest.render import excerpt, paper_lines, text_width
from digest.render.template_slots import Frame, Kind, load_sheet, make_slot
from digest.score import explain

TEXT_WIDTH = 72
MARGIN = "    "  # beside it stands the numeral
SHORT_TITLE_CHARS = 160
LINE_WIDTH = 110  # of a title in the table of contents: one line on a screen, two at most in text
MOST_NOTES = 4  # a paper's footnotes in the text part
MUTE_CHARS = 40
LABELS = {Section.BREAKOUT: "Back again"}
PERHAPS_SEEN = "Perhaps sent before"
# Mail programs drop style sheets. The line end is where no mail server counts it as a long line.
MARK = '<mark\nstyle="background-color:#fbe7a1;color:#1d1c1a;padding:0 1px;border-radius:2px">'


class Size(IntEnum):
    """How much of a paper is shown where not everything fits."""

    TITLE = 0
    SHORT = 1
    FULL = 2


class Card:
    """A paper as a digest's item has it, set when it is needed and kept.

    Slots still open are `place` and `feedback_url` in the HTML; in the text part `numeral`,
    `feedback_url`, and a number for each footnote: `note0`, `note1` …
    """

    def __init__(self, paper: Paper, item: DigestItem) -> None:
        self._paper, self._item = paper, item
        self._html: dict[Size, Frame] = {}
        self._lines: dict[tuple[Kind, int], str] = {}

    def render_html(self, size: Size) -> Frame:
        if size not in self._html:
            entry = make_html_entry(self._paper, self._item, size)
            context = {"entry": entry, "feedback_url": make_slot("feedback_url")}
            self._html[size] = load_sheet("html").make_frame("card", context)
        return self._html[size]

    @cached_property
    def text(self) -> Frame:
        entry = make_text_entry(self._paper, self._item, _OPEN_NUMBERS)
        return load_sheet("text").make_frame("card", {"entry": entry})

    @cached_property
    def notes(self) -> Frame:
        """The footnotes of its text, `notes_count` of them."""
        notes = list_footnotes(self._paper, make_slot("feedback_url"), _OPEN_NUMBERS)
        return Frame(
            "".join(load_sheet("text").render_piece("note", {"note": note}) for note in notes)
        )

    @cached_property
    def notes_count(self) -> int:
        return sum(name != "feedback_url" for name in self.notes.slots)

    def render_line(self, kind: Kind, place: int) -> str:
        """The paper's line in the table of contents."""
        if (kind, place) not in self._lines:
            line = {"line": make_contents_line(self._paper, place)}
            self._lines[kind, place] = load_sheet(kind).render_piece("line", line)
        return self._lines[kind, place]


_OPEN_NUMBERS = [make_slot(f"note{n}") for n in range(MOST_NOTES)]


def make_html_entry(
    paper: Paper, item: DigestItem, size: Size = Size.FULL, place: str = make_slot("place")
) -> dict[str, Any]:
    """What the HTML template shows of a paper; what a size leaves out is empty."""
    words = paper_lines.list_reason_words(item.reasons)
    mute = english.shorten(suggest_mute(paper, words), MUTE_CHARS)
    entry = _make_context(paper, item) | {"place": place, "mute": mute}
    title = paper.title if size else english.shorten(paper.title, SHORT_TITLE_CHARS)
    summary, cut = _make_excerpt(paper, item) if size is Size.FULL else ("", "")
    marked = {"title": title, "byline": entry["byline"], "summary": summary, "excerpt": cut}
    entry |= {name: _mark_for_mail(text, words) for name, text in marked.items()}
    entry |= {name: paper_lines.mark_lines(entry[name]) for name in ("reasons", "meta", "evidence")}
    return entry if size else entry | dict.fromkeys(("byline", "abstract_url", "topics_label"), "")


def _make_excerpt(paper: Paper, item: DigestItem) -> tuple[str, str]:
    words, terms = (
        paper_lines.list_reason_words(item.reasons),
        excerpt.list_terms_together(item.reasons),
    )
    return excerpt.summarize_paper(paper, words, terms=terms)


def _mark_for_mail(text: str, words: Sequence[str]) -> SafeString:
    return mark_safe(paper_lines.mark_lines(text, words).replace("<mark>", MARK))  # escaped already


def make_text_entry(
    paper: Paper, item: DigestItem, numbers: Sequence[str], numeral: str = make_slot("numeral")
) -> dict[str, Any]:
    """The same for the text template: every paragraph wrapped beside the numeral."""
    shared, (summary, cut) = _make_context(paper, item), _make_excerpt(paper, item)
    said = ": ".join(filter(None, [shared["topics_label"], shared["reasons"]]))
    paragraphs = {
        "byline": shared["byline"],
        "summary": f"In short: {summary}" if summary else "",
        "excerpt": f"From the abstract: {cut}" if summary and cut else cut,
        "meta": " · ".join(filter(None, [shared["meta"], shared["evidence"]])),
        "reasons": " · ".join(filter(None, [shared["label"], said])),
    }
    wrapped = {name: wrap_paragraph(text, MARGIN) for name, text in paragraphs.items()}
    labels = zip(_list_footnote_links(shared, ""), numbers, strict=False)
    return wrapped | {
        "numeral": numeral,
        "title": wrap_paragraph(paper.title, MARGIN).removeprefix(MARGIN),
        "links": " · ".join(f"{label} [{number}]" for label, number in labels),
    }


def list_footnotes(paper: Paper, feedback_url: str, numbers: Sequence[str]) -> list[dict[str, str]]:
    """The addresses at the foot of a section of the text part, as many as a paper has."""
    urls = _list_footnote_links(_make_addresses(paper), feedback_url).values()
    return [{"number": n, "url": url} for url, n in zip(urls, numbers, strict=False)]


def make_contents_line(paper: Paper, place: int) -> dict[str, str]:
    title = text_width.shorten_to_width(paper.title, LINE_WIDTH)
    return {
        "place": str(place),
        "numeral": format_numeral(place),
        "title": title,
        "wrapped": wrap_paragraph(title, MARGIN).removeprefix(MARGIN),
    }


def format_numeral(place: int) -> str:
    """A paper's place in the text part, flush right in its margin."""
    return f"{place:>2}"


@lru_cache(4096)  # what is said around the entries is the same for many subscribers
def wrap_paragraph(text: str, margin: str = "") -> str:
    return text_width.wrap_lines(text, TEXT_WIDTH, margin)


def _make_context(paper: Paper, item: DigestItem) -> dict[str, Any]:
    words = paper_lines.list_reason_words(item.reasons)
    category = paper_lines.describe_categories(paper, words)
    day = english.day_in_words(paper.published_at, paper.first_seen_at)
    return _make_addresses(paper) | {
        "pk": paper.pk,
        "byline": paper_lines.write_byline(paper, words),
        "evidence": describe_evidence(paper, item),
        "meta": " · ".join(filter(None, [category, day])),
        "label": LABELS.get(item.section, PERHAPS_SEEN if item.perhaps_seen else ""),
        "topics_label": paper_lines.label_topics(len(item.reasons)),
        "reasons": paper_lines.describe_reasons(item.reasons),
    }


def describe_evidence(paper: Paper, item: DigestItem) -> str:
    """What compose saw of the trend; a delivery that is older than this says what is seen now."""
    if item.evidence is None:
        return explain.describe_evidence(paper.popularity)
    return item.evidence


def _make_addresses(paper: Paper) -> dict[str, str]:
    page_url = settings.SITE_URL + reverse("digest:paper", args=[paper.identifier])
    abstract_url = paper_lines.clean_web_url(paper.url)
    return {
        "pk": str(paper.pk),
        "title_url": abstract_url or page_url,
        "abstract_url": abstract_url,
        "pdf_url": paper_lines.clean_web_url(paper_lines.make_pdf_url(paper)),
        "code_url": paper_lines.clean_web_url(paper.code_url),
        "stars": english.stars_in_words(paper.code_stars),
        "page_url": page_url,
    }


def _list_footnote_links(addresses: Mapping[str, str], feedback_url: str) -> dict[str, str]:
    """What the text part's footnotes lead to, by their labels; four at most."""
    stars = addresses["stars"]
    links = {
        "Abstract" if addresses["abstract_url"] else "Read it": addresses["title_url"],
        "PDF": addresses["pdf_url"],
        f"Code, {stars}" if stars else "Code": addresses["code_url"],
        "More or less": f"{feedback_url}more/{addresses['pk']}/",
    }
    return {label: url for label, url in links.items() if url}
