"""The cards of one mail between its head and its tail, as HTML and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from digest.models import Section
from digest.render import header_footer
from digest.render.card import Card, Size
from digest.render.paper_references import MOST_NOTES, format_numeral
from digest.render.template_slots import Kind, SlottedText, Values, load_template, make_slot

CONTENTS_FROM = 6  # papers; fewer are seen at a glance
CONTENTS_LINES = 20
FIRST_NOTE = 4  # the footnotes before are the mail's own: browser, preferences, unsubscribe
# What differs from mail to mail around the entries: the slots of head and tail.
VALUES = (
    *("subject", "preheader", "folio", "intro", "why"),
    *("preferences_url", "unsubscribe_url", "feedback_url"),
)
# The same, where a mail may be without it.
OPTIONAL = ("browser_url", "all_url", "title", "welcome", "missing", "private", "health")


class PlacedCard(NamedTuple):
    """A card in its section of one mail, and how much of it is shown."""

    card: Card
    section: Section
    size: Size = Size.FULL


class MailAssembler:
    """Joins pieces of type; keeps those it rendered, so make a new one for each run."""

    def __init__(self, *, is_quoted: bool = False) -> None:
        """What it renders, and the values it is given, are quoted where `is_quoted` says so."""
        self._texts: dict[tuple[Any, ...], SlottedText] = {}
        self._is_quoted = is_quoted

    def make_edges(self, kind: Kind, values: Values) -> tuple[SlottedText, SlottedText]:
        """What stands before and after the entries."""
        return self._make_edge(kind, "head", values), self._make_edge(kind, "tail", values)

    def render_contents(
        self, kind: Kind, placed: Sequence[PlacedCard], values: Values
    ) -> list[str]:
        """The table of contents, piece by piece; empty where the papers are few.

        Its lines lead to their places on the mail's own page: places within a mail are dead in
        the phone apps of Gmail, Outlook, Proton, Samsung and Yahoo
        (https://www.caniemail.com/features/html-anchor-links/).
        """
        if len(placed) < CONTENTS_FROM:
            return []
        open_slots = {"browser_url": values["browser_url"]}
        pieces = list(self._make_plain(kind, "contents").fill_pieces(open_slots))
        for place, (card, _, _) in enumerate(placed[:CONTENTS_LINES], 1):
            open_slots |= _make_numbers(place, FIRST_NOTE)
            pieces += self._choose(card.references.lines[kind]).fill_pieces(open_slots)
        return pieces + self._make_plain(kind, "contents_end").fill_pieces(open_slots)

    def measure_contents(self, placed: Sequence[PlacedCard], lengths: Mapping[str, int]) -> int:
        """How many bytes it takes in the HTML, where the values have these lengths."""
        if len(placed) < CONTENTS_FROM:
            return 0
        lines = [one.card.references.lines["html"] for one in placed[:CONTENTS_LINES]]
        own = {"browser_url": lengths["browser_url"]}
        sizes = [line.measure(own | {"place": len(str(n))}) for n, line in enumerate(lines, 1)]
        around = [self._make_plain("html", name).size for name in ("contents", "contents_end")]
        return sum(sizes) + sum(around)

    def render_html_cards(self, placed: Sequence[PlacedCard], values: Values) -> list[str]:
        """The entries as HTML, piece by piece, with a heading before each section."""
        pieces, heading, open_slots = list[str](), "", {"feedback_url": values["feedback_url"]}
        for place, (card, section, size) in enumerate(placed, 1):
            if (said := header_footer.name_section(section)) != heading:
                heading = said
                pieces.append(self._make_heading("html", section).fill(values))
            open_slots["place"] = str(place)
            pieces += card.render_html(size).fill_pieces(open_slots)
        return pieces

    def render_text_cards(self, placed: Sequence[PlacedCard], values: Values) -> list[str]:
        """The entries as text; the addresses of a section stand at its end, numbered through."""
        pieces, heading, open_slots = list[str](), "", {"feedback_url": values["feedback_url"]}
        notes, number = list[str](), FIRST_NOTE
        for place, (card, section, _) in enumerate(placed, 1):
            if (said := header_footer.name_section(section)) != heading:
                heading = said
                pieces += [
                    *self._render_notes(notes),
                    self._make_heading("text", section).fill(values),
                ]
                notes = []
            open_slots |= _make_numbers(place, number)
            pieces += card.text.fill_pieces(open_slots)
            notes += self._choose(card.references.notes).fill_pieces(open_slots)
            number += card.references.notes_count
        return [*pieces, *self._render_notes(notes)]

    def render_more(self, kind: Kind, left_out: int, values: Values) -> str:
        """The line that counts the papers which have no room."""
        if not left_out:
            return ""
        context = header_footer.make_more_context(left_out) | {
            "browser_url": make_slot("browser_url")
        }
        return self._choose(load_template(kind).make_text("more", context)).fill(values)

    def _render_notes(self, notes: Sequence[str]) -> Iterator[str]:
        if notes:
            yield self._make_plain("text", "notes").fill({})
            yield from notes

    def _make_edge(self, kind: Kind, piece: str, values: Values) -> SlottedText:
        present = [name for name in OPTIONAL if values[name]]
        key = (kind, piece, *present)
        if key not in self._texts:
            open_slots = {name: make_slot(name) for name in (*VALUES, *present)}
            context = (
                dict.fromkeys(OPTIONAL, "") | open_slots | header_footer.make_standing_context()
            )
            self._texts[key] = self._choose(load_template(kind).make_text(piece, context))
        return self._texts[key]

    def _make_heading(self, kind: Kind, section: Section) -> SlottedText:
        key = (kind, "section", section)
        if key not in self._texts:
            context = {"entry": header_footer.make_section_context(section)}
            self._texts[key] = self._choose(load_template(kind).make_text("section", context))
        return self._texts[key]

    def _make_plain(self, kind: Kind, piece: str) -> SlottedText:
        key = (kind, piece)
        if key not in self._texts:
            self._texts[key] = self._choose(load_template(kind).make_text(piece, {}))
        return self._texts[key]

    def _choose(self, text: SlottedText) -> SlottedText:
        return text.quoted if self._is_quoted else text


@lru_cache(2048)
def _make_numbers(place: int, first_note: int) -> Mapping[str, str]:
    """What fills a card's text, its line and its footnotes; shared, so it is only read."""
    notes = {f"note{n}": str(first_note + n) for n in range(MOST_NOTES)}
    return {"place": str(place), "numeral": format_numeral(place)} | notes
