"""What a card says of a paper whoever gets it, set once and kept for the next runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property, lru_cache

from django.utils.translation import gettext as _

from digest import english
from digest.compose.features import MuteOffers
from digest.render import paper_lines, text_width
from digest.render.paper_facts import PaperFacts
from digest.render.paper_references import MARGIN, PaperReferences, wrap_paragraph
from digest.render.paper_texts import PaperTexts, read_lines
from subscribers.topics.highlight import Span, find_words
from subscribers.topics.words import Words, read_words

SHORT_TITLE_CHARS = 160
MUTE_CHARS = 40
MOST_PAPERS = 1_000  # kept by a process, some 65 KB each
MOST_EXCERPTS = 8  # of one paper: different found words often lead to the same lines
MOST_MARKED = 4  # of one paragraph: different found words mostly stand in the same places
# Mail programs drop style sheets. The line end is where no mail server counts it as a long line.
MARK = '<mark\nstyle="background-color:#fbe7a1;color:#1d1c1a;padding:0 1px;border-radius:2px">'


class Paragraph:
    """A text on its lines, for the HTML and for the text part, where `lead` stands before it.

    Its words are kept where it is `marked_often`; they are ten times as large as the text.
    """

    def __init__(self, said: str, lead: str = "", *, marked_often: bool = True) -> None:
        self.said, self.lead, self._marked_often = said, lead, marked_often
        self._marked: dict[tuple[Span, ...], str] = {}  # by where the found words stand

    @cached_property
    def wrapped(self) -> str:
        """For the text part, beside the numeral."""
        return wrap_paragraph(f"{self.lead}{self.said}" if self.said else "", MARGIN)

    @cached_property
    def _html_lines(self) -> str:
        return paper_lines.break_html_lines(self.said)

    @cached_property
    def _kept_words(self) -> Words:
        return read_words(self._html_lines)

    def mark_words(self, words: Sequence[str]) -> str:
        """For the HTML, escaped and with the found words marked."""
        if not self.said:
            return ""
        read = self._kept_words if self._marked_often else read_lines(self._html_lines)
        places = tuple([span for span, _ in find_words(read, words)]) if words else ()
        marked = self._marked.get(places)
        if marked is None:
            if len(self._marked) >= MOST_MARKED:
                self._marked.clear()
            marked = str(paper_lines.mark_line_places(self._html_lines, places))
            # What is not marked holds no tag of ours: it is escaped.
            marked = self._marked[places] = marked.replace("<mark>", MARK)
        return marked


class PaperCard:
    """What depends on the paper alone: its lines, links and summary, and what may be muted."""

    def __init__(self, facts: PaperFacts) -> None:
        self.facts, self.references = facts, PaperReferences(facts)
        self.texts = PaperTexts(facts.title, facts.summary, facts.abstract)
        self.title = Paragraph(facts.title)
        self._byline = Paragraph(paper_lines.write_byline(facts))
        self._meta = self._write_meta()
        self._others = frozenset((*facts.authors, *facts.categories[1:]))
        self._offers = MuteOffers(facts.title, facts.abstract, facts.categories)
        self.summary_lead = f"{_('In short:')} "
        self.abstract_lead = f"{_('From the abstract:')} "
        self._excerpts: dict[tuple[str, str], Paragraph] = {}

    def make_excerpt(self, said: str, lead: str = "") -> Paragraph:
        """The lines of its summary or abstract, which were perhaps made before."""
        paragraph = self._excerpts.get((said, lead))
        if paragraph is None:
            if len(self._excerpts) >= MOST_EXCERPTS:
                self._excerpts.clear()
            paragraph = self._excerpts[said, lead] = Paragraph(said, lead, marked_often=False)
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


@lru_cache(MOST_PAPERS)
def make_paper_card(facts: PaperFacts) -> PaperCard:
    """A paper's card, kept by this process for whoever gets the paper next."""
    return PaperCard(facts)
