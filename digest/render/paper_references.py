"""What leads to a paper from elsewhere in a mail: its line in the contents, and its footnotes.

It is little, and as long-lived as the cards of the paper; what they are set from is much, and is
not (paper_card.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from html import escape

from django.urls import reverse
from django.utils.translation import gettext as _

from digest import english
from digest.render import paper_lines, text_width
from digest.render.paper_facts import PaperFacts
from digest.render.template_slots import Kind, SlottedText, load_template, make_slot

TEXT_WIDTH = 72
MARGIN = "    "  # beside it stands the numeral
LINE_WIDTH = 110  # of a title in the table of contents: one line on a screen, two at most in text
MOST_NOTES = 4  # a paper's footnotes in the text part
OPEN_NUMBERS = [make_slot(f"note{n}") for n in range(MOST_NOTES)]


class PaperReferences:
    """Of one paper, whoever gets it."""

    def __init__(self, facts: PaperFacts) -> None:
        self.facts = facts
        self._addresses = list_addresses(facts)

    @cached_property
    def html_addresses(self) -> dict[str, str]:
        return {name: escape(said) for name, said in self._addresses.items()}

    @cached_property
    def links(self) -> str:
        """What its footnotes are called in the text part, each with a slot for its number."""
        labels = zip(list_footnote_links(self._addresses, ""), OPEN_NUMBERS, strict=False)
        return " · ".join(f"{label} [{number}]" for label, number in labels)

    @cached_property
    def notes(self) -> SlottedText:
        """Its footnotes, `notes_count` of them."""
        notes = list_footnotes(self._addresses, make_slot("feedback_url"), OPEN_NUMBERS)
        template = load_template("text")
        texts = [template.render_piece("note", {"note": note}) for note in notes]
        return SlottedText.read("".join(texts))

    @cached_property
    def notes_count(self) -> int:
        return sum(name != "feedback_url" for name in self.notes.slots)

    @cached_property
    def lines(self) -> dict[Kind, SlottedText]:
        """Its line in the table of contents, which leads to the mail's own page.

        Open are `browser_url`, and `place` or `numeral`: a line for each place it ever has would be
        most of what is kept of a paper.
        """
        title = text_width.shorten_to_width(self.facts.title, LINE_WIDTH)
        wrapped = wrap_paragraph(title, MARGIN).removeprefix(MARGIN)
        line = {name: make_slot(name) for name in ("place", "numeral")}
        line |= {"title": title, "wrapped": wrapped}
        context = {"line": line, "browser_url": make_slot("browser_url")}
        kinds: tuple[Kind, ...] = ("html", "text")
        return {kind: load_template(kind).make_text("line", context) for kind in kinds}


def format_numeral(place: int) -> str:
    """A paper's place in the text part, flush right in its margin."""
    return f"{place:>2}"


@lru_cache(8192)  # what is said around the entries is the same for many subscribers
def wrap_paragraph(text: str, margin: str = "") -> str:
    return text_width.wrap_lines(text, TEXT_WIDTH, margin)


def list_addresses(facts: PaperFacts) -> dict[str, str]:
    """Where its links lead to; empty where it has no such link."""
    page_url = facts.site_url + reverse("digest:paper", args=[facts.identifier])
    abstract_url = paper_lines.clean_web_url(facts.url)
    return {
        "pk": str(facts.pk),
        "title_url": abstract_url or page_url,
        "abstract_url": abstract_url,
        "pdf_url": paper_lines.clean_web_url(paper_lines.make_pdf_url(facts)),
        "code_url": paper_lines.clean_web_url(facts.code_url),
        "stars": english.stars_in_words(facts.code_stars),
        "page_url": page_url,
    }


def list_footnotes(
    addresses: Mapping[str, str], feedback_url: str, numbers: Sequence[str]
) -> list[dict[str, str]]:
    """The addresses at the foot of a section of the text part, as many as a paper has."""
    urls = list_footnote_links(addresses, feedback_url).values()
    return [{"number": n, "url": url} for url, n in zip(urls, numbers, strict=False)]


def list_footnote_links(addresses: Mapping[str, str], feedback_url: str) -> dict[str, str]:
    """What the text part's footnotes lead to, by their labels; four at most."""
    stars = addresses["stars"]
    links = {
        _("Abstract") if addresses["abstract_url"] else _("Read it"): addresses["title_url"],
        "PDF": addresses["pdf_url"],
        _("Code, %(stars)s") % {"stars": stars} if stars else _("Code"): addresses["code_url"],
        _("More or less"): f"{feedback_url}more/{addresses['pk']}/",
    }
    return {label: url for label, url in links.items() if url}
