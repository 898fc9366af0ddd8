"""A digest as Django renders it from the whole template, for one reader: what joining must equal.

Only what stands around the entries comes from the typesetter; nothing here is cut or joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from digest.compose.contents import restore_paper
from digest.models import DigestItem, Paper, Section
from digest.render import assemble, header_footer
from digest.render.card import Size
from digest.render.paper_references import format_numeral
from digest.render.template_slots import Kind, SlottedText, load_template
from tests.plain_card import (
    list_footnotes,
    make_contents_line,
    make_html_entry,
    make_text_entry,
)

Entry = dict[str, Any]
Items = Sequence[DigestItem]


def set_whole(kind: Kind, items: Items, sizes: Sequence[Size], values: Mapping[str, str]) -> str:
    """The template with everything that one mail shows; `values` are not wrapped yet."""
    return load_template(kind).render_whole(context(kind, items, sizes, values))


def context(
    kind: Kind, items: Items, sizes: Sequence[Size], values: Mapping[str, str]
) -> dict[str, Any]:
    papers = Paper.objects.in_bulk([item.paper_id for item in items])
    shown_at = zip(items, sizes, strict=False)
    rows = [(restore_paper(papers[item.paper_id], item), item, size) for item, size in shown_at]
    make = html_entries if kind == "html" else text_entries
    shown = {
        "entries": [_fill_switch(one, values) for one in make(rows, values["feedback_url"])],
        "contents": contents([paper for paper, _, _ in rows]),
    }
    left_out = len(items) - len(sizes)
    more = header_footer.make_more_context(left_out) if left_out else {}
    return (
        dict(values)
        | header_footer.wrap_paragraphs(values)
        | header_footer.make_standing_context()
        | shown
        | more
    )


def html_entries(rows: Sequence[tuple[Paper, DigestItem, Size]], _feedback_url: str) -> list[Entry]:
    made = [make_html_entry(*row, place=str(place)) for place, row in enumerate(rows, 1)]
    return _with_headings(made, [item.section for _, item, _ in rows])


def text_entries(rows: Sequence[tuple[Paper, DigestItem, Size]], feedback_url: str) -> list[Entry]:
    """Each entry numbered through; the last of a section carries all of the section's notes."""
    made, number = list[Entry](), assemble.FIRST_NOTE
    sections = [item.section for _, item, _ in rows]
    headings = [header_footer.name_section(section) for section in sections]
    notes = list[dict[str, str]]()
    for place, (paper, item, _) in enumerate(rows, 1):
        count = len(list_footnotes(paper, feedback_url, "123456789"))
        numbers = [str(number + n) for n in range(count)]
        number += count
        entry = make_text_entry(paper, item, numbers, format_numeral(place))
        notes += list_footnotes(paper, feedback_url, numbers)
        if headings[place : place + 1] != [headings[place - 1]]:
            entry, notes = entry | {"notes": notes}, []
        made.append(entry)
    return _with_headings(made, sections)


def contents(papers: Sequence[Paper]) -> list[dict[str, str]]:
    if len(papers) < assemble.CONTENTS_FROM:
        return []
    shown = papers[: assemble.CONTENTS_LINES]
    return [make_contents_line(paper, place) for place, paper in enumerate(shown, 1)]


def _with_headings(entries: list[Entry], sections: Sequence[Section]) -> list[Entry]:
    heading = ""
    for entry, section in zip(entries, sections, strict=True):
        if header_footer.name_section(section) != heading:
            heading = header_footer.name_section(section)
            entry |= header_footer.make_section_context(section)
    return entries


def _fill_switch(entry: Entry, values: Mapping[str, str]) -> Entry:
    """A section's switch is one of the mail's own addresses, or stands at it."""
    switch = entry.get("switch_url", "")
    return entry | {"switch_url": SlottedText.read(switch).fill(values)} if switch else entry
