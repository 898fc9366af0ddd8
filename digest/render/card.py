"""One paper as it stands in a mail, in three sizes: what differs from mail to mail is slots.

A card has three layers. What depends on the paper alone is set once for all who get it
(paper_card.py); what depends on the found words, once for all who got it by the same words
(MarkedCard); its place, the reasons why it is there and its evidence are filled in last.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cached_property, lru_cache
from html import escape
from typing import NamedTuple

from django.utils.translation import gettext_lazy

from digest.models import DigestItem, Section
from digest.render import excerpt, paper_lines
from digest.render.paper_card import PaperCard, make_paper_card
from digest.render.paper_facts import PaperFacts
from digest.render.paper_references import MARGIN, wrap_paragraph
from digest.render.template_slots import SlottedText, make_entry_text, make_slot

LABELS = {Section.BREAKOUT: gettext_lazy("Back again")}
NEAR_LABEL = gettext_lazy("Like the finds of")
PERHAPS_SEEN = gettext_lazy("Perhaps sent before")
MOST_MARKED = 500  # kept by a process, about 11 KB each: those of the mails at hand


class Size(IntEnum):
    """How much of a paper is shown where not everything fits."""

    TITLE = 0
    SHORT = 1
    FULL = 2


class Found(NamedTuple):
    """What was found in a paper: the words to mark, and those of topics that want several."""

    words: tuple[str, ...] = ()
    terms: tuple[tuple[str, ...], ...] = ()


class MarkedCard:
    """A paper's card with the found words marked, whoever gets it and for whichever topics."""

    def __init__(self, paper: PaperCard, found: Found) -> None:
        self.paper, self._words = paper, found.words
        self.meta = paper.describe_meta(found.words)
        self._byline = paper.make_byline(found.words)
        summary, cut = excerpt.summarize_paper(paper.texts, found.words, terms=found.terms)
        self._summary = paper.make_excerpt(summary, paper.summary_lead)
        self._excerpt = paper.make_excerpt(cut, paper.abstract_lead if summary else "")
        self._html: dict[tuple[Size, tuple[str, ...]], SlottedText] = {}

    def make_html(self, size: Size, open_slots: tuple[str, ...]) -> SlottedText:
        """The card in a size; only these of the slots for why it is there are in it, and open."""
        text = self._html.get((size, open_slots))
        if text is None:
            values = {name: said for name, said in self._list_html_values(size).items() if said}
            shared = make_entry_text("html", "card", (*values, *open_slots))
            text = self._html[size, open_slots] = shared.fill_some(values)
        return text

    def _list_html_values(self, size: Size) -> dict[str, str]:
        values = self.paper.references.html_addresses | {
            "title": self.paper.title.mark_words(self._words),
            "meta": paper_lines.mark_lines(self.meta),
            "mute": escape(self.paper.offer_mute(self._words)),
        }
        if size is Size.TITLE:
            title = self.paper.short_title.mark_words(self._words)
            return values | {"title": title, "abstract_url": ""}
        values["byline"] = self._byline.mark_words(self._words)
        if size is Size.FULL:
            values["summary"] = self._summary.mark_words(self._words)
            values["excerpt"] = self._excerpt.mark_words(self._words)
        return values

    @cached_property
    def text(self) -> SlottedText:
        """The card in the text part."""
        values = {
            "byline": self._byline.wrapped,
            "summary": self._summary.wrapped,
            "excerpt": self._excerpt.wrapped,
        }
        values = {name: said for name, said in values.items() if said}
        values |= {
            "title": self.paper.title.wrapped.removeprefix(MARGIN),
            "links": self.paper.references.links,
            **{name: make_slot(name) for name in ("numeral", "reasons", "meta")},
        }
        return SlottedText.read(make_entry_text("text", "card", tuple(values)).fill(values))


@lru_cache(MOST_MARKED)
def mark_card(paper: PaperCard, found: Found) -> MarkedCard:
    """The paper's card with these words marked, kept by this process as make_paper_card does."""
    return MarkedCard(paper, found)


class Card:
    """A paper as a digest's item has it.

    Slots still open are `place` and `feedback_url` in the HTML; in the text part `numeral`,
    `feedback_url`, and a number for each footnote: `note0`, `note1` …
    """

    def __init__(
        self, paper: PaperCard, item: DigestItem, evidence: str, *, is_quoted: bool = False
    ) -> None:
        """Its texts are quoted for JSON where `is_quoted` says so."""
        self.references, self._evidence, self._is_quoted = paper.references, evidence, is_quoted
        self._found = list_found(item)
        label = str(LABELS.get(item.section, PERHAPS_SEEN if item.perhaps_seen else ""))
        if item.section == Section.NEAR:
            topics_label, reasons = str(NEAR_LABEL), paper_lines.describe_nearness(item.reasons)
            why = f"{topics_label} {reasons}"
        else:
            topics_label = paper_lines.label_topics(len(item.reasons))
            reasons = paper_lines.describe_reasons(item.reasons)
            why = ": ".join(filter(None, [topics_label, reasons]))
        meta = " · ".join(filter(None, [paper.describe_meta(self._found.words), evidence]))
        self._text_values = {
            "reasons": wrap_paragraph(" · ".join(filter(None, [label, why])), MARGIN),
            "meta": wrap_paragraph(meta, MARGIN),
        }
        self._html_values = {
            "label": escape(label),
            "topics_label": escape(topics_label),
            "reasons": paper_lines.mark_lines(reasons),
            "evidence": paper_lines.mark_lines(evidence),
        }
        self._html: list[SlottedText | None] = [None] * len(Size)

    def is_of(self, facts: PaperFacts, evidence: str) -> bool:
        """Whether it is of a paper of which these are the facts, and says this of its trend."""
        return self.references.facts == facts and self._evidence == evidence

    def render_html(self, size: Size) -> SlottedText:
        text = self._html[size]
        if text is None:
            # A title alone says nothing of topics, and what hangs on that.
            values = {name: said for name, said in self._html_values.items() if said and size}
            open_text = self._mark_card().make_html(size, tuple(values))
            text = self._html[size] = self._choose(open_text).fill_some(values)
        return text

    @cached_property
    def text(self) -> SlottedText:
        return self._choose(self._mark_card().text).fill_some(self._text_values)

    def _mark_card(self) -> MarkedCard:
        """Not kept here: a card that has its texts needs neither it nor the paper's any more.

        They are several times as large, and cards stay that many others came after.
        """
        return mark_card(make_paper_card(self.references.facts), self._found)

    def _choose(self, text: SlottedText) -> SlottedText:
        return text.quoted if self._is_quoted else text


def list_found(item: DigestItem) -> Found:
    words = paper_lines.list_reason_words(item.reasons)
    terms = excerpt.list_terms_together(item.reasons)
    return Found(tuple(words), tuple(map(tuple, terms)))
