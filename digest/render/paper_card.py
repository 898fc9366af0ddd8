"""What a card says of a paper whoever gets it, set once and kept for the next runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from html import escape

from django.urls import reverse
from django.utils.translation import gettext as _

from digest import english
from digest.compose.features import MuteOffers
from digest.render import paper_lines, text_width
from digest.render.paper_facts import PaperFacts
from digest.render.paper_texts import PaperTexts
from digest.render.template_slots import Kind, SlottedText, load_template, make_slot
from subscribers.topics.highlight import Span, find_words
from subscribers.topics.words import Words, read_words

TEXT_WIDTH = 72
MARGIN = "    "  # beside it stands the numeral
SHORT_TITLE_CHARS = 160
LINE_WIDTH = 110  # of a title in the table of contents: one line on a screen, two at most in text
MOST_NOTES = 4  # a paper's footnotes in the text part
MUTE_CHARS = 40
MOST_PAPERS = 1_000  # kept by a process, up to 80 KB each
MOST_EXCERPTS = 8  # of one paper: different found words often lead to the same lines
MOST_MARKED = 4  # of one paragraph: different found words mostly stand in the same places
OPEN_NUMBERS = [make_slot(f"note{n}") for n in range(MOST_NOTES)]
# Mail programs drop style sheets. The line end is where no mail server counts it as a long line.
MARK = '<mark\nstyle="background-color:#fbe7a1;color:#1d1c1a;padding:0 1px;border-radius:2px">'


class Paragraph:
    """A text on its lines, for the HTML and for the text part, where `lead` stands before it."""

    def __init__(self, said: str, lead: str = "") -> None:
        self.said, self.lead = said, lead
        self._marked: dict[tuple[Span, ...], str] = {}  # by where the found words stand

    @cached_property
    def wrapped(self) -> str:
        """For the text part, beside the numeral."""
        return wrap_paragraph(f"{self.lead}{self.said}" if self.said else "", MARGIN)

    @cached_property
    def _lines(self) -> Words:
        return read_words(paper_lines.break_html_lines(self.said))

    def mark_words(self, words: Sequence[str]) -> str:
        """For the HTML, escaped and with the found words marked."""
        places = tuple([span for span, _ in find_words(self._lines, words)]) if words else ()
        marked = self._marked.get(places)
        if marked is None:
            if len(self._marked) >= MOST_MARKED:
                self._marked.clear()
            marked = str(paper_lines.mark_line_places(self._lines.text, places))
            # What is not marked holds no tag of ours: it is escaped.
            marked = self._marked[places] = marked.replace("<mark>", MARK)
        return marked


class PaperCard:
    """What depends on the paper alone: its lines, links and summary, and what may be muted."""

    def __init__(self, facts: PaperFacts) -> None:
        self.facts = facts
        self.texts = PaperTexts(facts.title, facts.summary, facts.abstract)
        self.title = Paragraph(facts.title)
        self._byline = Paragraph(paper_lines.write_byline(facts))
        self._meta = self._write_meta()
        self._others = frozenset((*facts.authors, *facts.categories[1:]))
        self._offers = MuteOffers(facts.title, facts.abstract, facts.categories)
        self._excerpts: dict[tuple[str, str], Paragraph] = {}
        self._lines: dict[tuple[Kind, int], SlottedText] = {}
        self._addresses = list_addresses(facts)

    def make_excerpt(self, said: str, lead: str = "") -> Paragraph:
        """The lines of its summary or abstract, which were perhaps made before."""
        paragraph = self._excerpts.get((said, lead))
        if paragraph is None:
            if len(self._excerpts) >= MOST_EXCERPTS:
                self._excerpts.clear()
            paragraph = self._excerpts[said, lead] = Paragraph(said, lead)
        return paragraph

    def make_byline(self, words: Sequence[str]) -> Paragraph:
        """Its authors, those who were looked for among them."""
        if self._others.isdisjoint(words):
            return self._byline
        return Paragraph(paper_lines.write_byline(self.facts, words))

    def describe_meta(self, words: Sequence[str]) -> str:
        """Its category, any other that was looked for, and its day."""
        return self._meta if self._others.isdisjoint(words) else self._write_meta(words)

    def _write_meta(self, words: Sequence[str] = ()) -> str:
        category = paper_lines.describe_categories(self.facts, words)
        return " · ".join(filter(None, [category, self.facts.day]))

    def offer_mute(self, words: Collection[str]) -> str:
        return english.shorten(self._offers.choose_offer(words), MUTE_CHARS)

    @cached_property
    def short_title(self) -> Paragraph:
        return Paragraph(text_width.shorten_to_width(self.facts.title, SHORT_TITLE_CHARS))

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

    def make_line(self, kind: Kind, place: int) -> SlottedText:
        """Its line in the table of contents, which leads to the mail's own page."""
        line = self._lines.get((kind, place))
        if line is None:
            numbers = {"place": str(place), "numeral": format_numeral(place)}
            line = self._lines[kind, place] = self._open_lines[kind].fill_some(numbers)
        return line

    @cached_property
    def _open_lines(self) -> dict[Kind, SlottedText]:
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


@lru_cache(MOST_PAPERS)
def make_paper_card(facts: PaperFacts) -> PaperCard:
    """A paper's card, kept by this process for whoever gets the paper next."""
    return PaperCard(facts)


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
