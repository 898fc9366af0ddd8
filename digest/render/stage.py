"""Stage 5. Turn deliveries into email messages. Reads only; writes nothing.

A digest is set like a page of type: a card is rendered once for each paper and set of reasons,
whoever gets it, and a message is cards joined between a head and a tail (template_slots.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import Error

from digest.compose.contents import restore_paper
from digest.compose.folio import FolioCache
from digest.models import Delivery, DigestContents, DigestItem, Paper, Section
from digest.models.contents import list_paper_ids
from digest.render import header_footer, subject, without_own
from digest.render.assemble import MailAssembler, PlacedCard
from digest.render.card import Card, Size
from digest.render.card_cache import find_kept_cards
from digest.render.digest_mail import Bodies, DigestMail, unquote
from digest.render.intro import write_intro
from digest.render.paper_card import make_paper_card
from digest.render.paper_facts import PaperFacts
from digest.render.size_budget import choose_budget, fit_cards
from digest.render.template_slots import Values, quote
from digest.score import explain
from subscribers import tokens
from subscribers.mail import emails, mail_links
from subscribers.site_look import read_look

logger = logging.getLogger(__name__)

MOST_PAPERS = 1_500  # of which some were read
MOST_CHECKED = 6_000  # cards: no more than the process keeps
IN_THE_BROWSER = "digest.mail"  # what a link to a mail's own page is signed for


class Typesetter:
    """Renders deliveries; keeps what it read, so make a new one for each run."""

    def __init__(self, *, is_quoted: bool = False) -> None:
        """Where `is_quoted` says so, messages are made for whoever hands them over as JSON.

        They are the same to the byte, and their bodies are joined of quoted pieces (DigestMail).
        """
        self._is_quoted = is_quoted
        self._papers: dict[int, Paper] = {}
        self._facts: dict[tuple[Any, ...], PaperFacts] = {}  # by what an item says of its paper
        self._cards: dict[DigestItem, PlacedCard] = {}  # whose papers were looked at in this run
        self._assembler = MailAssembler(is_quoted=is_quoted)
        self._folios = FolioCache()
        self._earlier: dict[int, str] = {}  # by delivery: a subject it must not have

    def render_all(self, deliveries: Sequence[Delivery]) -> list[EmailMultiAlternatives | None]:
        """A message for each delivery (with subscriber and edition loaded), in their order.

        None where every paper of the delivery has been deleted since, or where setting it failed:
        the log says how, and the others are set all the same. Raises what the database raises, or
        a moment without it would cost a whole chunk its mails. The same delivery gives the same
        bytes, whatever was voted, starred, summed up or polled since, as long as the titles,
        abstracts and authors of its papers and the subscriber's address stay the same.
        """
        return list(self.render_each(deliveries))

    def render_each(
        self, deliveries: Sequence[Delivery]
    ) -> Iterator[EmailMultiAlternatives | None]:
        """The same one by one, for whoever need not keep them."""
        self._read_papers(deliveries)
        yield from map(self._render_one, deliveries)

    def render_page(self, delivery: Delivery) -> str | None:
        """The HTML of the mail for the web: every paper in full, and nothing that is its reader's.

        None where no paper is left.
        """
        self._read_papers([delivery])
        contents = self._read_contents(delivery)
        if not contents.papers:
            return None
        gone = len(list_paper_ids(delivery.contents)) - len(contents.papers)
        values = without_own.mark_own_addresses(self.write_values(delivery, contents))
        values["missing"] = header_footer.write_missing(gone)
        values = _escape_values(values | header_footer.wrap_paragraphs(values))
        cards = [self._place_card(item) for item in contents.papers]
        html, _ = self._render_html(cards, values, has_limit=False)
        return without_own.drop_own(unquote(html) if self._is_quoted else html)

    def _read_papers(self, deliveries: Sequence[Delivery]) -> None:
        if len(self._papers) > MOST_PAPERS:
            self._papers, self._facts, self._cards = {}, {}, {}
        wanted = {pk for delivery in deliveries for pk in list_paper_ids(delivery.contents)}
        self._papers.update(Paper.objects.in_bulk(wanted - self._papers.keys()))
        self._earlier = subject.find_earlier_subjects(deliveries)

    def _render_one(self, delivery: Delivery) -> EmailMultiAlternatives | None:
        try:
            return self._render_message(delivery)
        except Error:  # the database went away, which is no fault of the row
            raise
        except Exception:  # one bad row must not hold up a chunk of good ones
            logger.exception("Delivery %s could not be set.", delivery.pk)
            return None

    def _render_message(self, delivery: Delivery) -> EmailMultiAlternatives | None:
        contents = self._read_contents(delivery)
        if not contents.papers:
            return None
        values = self.write_values(delivery, contents)
        html, text = self.render_bodies(contents.papers, values)
        return DigestMail(
            delivery,
            values["subject"],
            Bodies(html, text, is_quoted=self._is_quoted),
            emails.make_unsubscribe_headers(
                delivery.subscriber_id,
                delivery.subscriber.link_version,
                values["unsubscribe_url"],
            ),
        )

    def render_bodies(self, items: Sequence[DigestItem], values: Values) -> tuple[str, str]:
        """The HTML and the text of one mail, whose papers were read before."""
        values = {**values, **header_footer.wrap_paragraphs(values)}
        cards = [self._place_card(item) for item in items]
        html, shown = self._render_html(cards, _escape_values(values))
        return html, self._render_text(cards, shown, values)

    def _read_contents(self, delivery: Delivery) -> DigestContents:
        """What the delivery holds, without the papers that have been deleted since."""
        contents = delivery.digest
        papers = tuple([item for item in contents.papers if item.paper_id in self._papers])
        return contents if papers == contents.papers else replace(contents, papers=papers)

    def write_values(self, delivery: Delivery, contents: DigestContents) -> dict[str, str]:
        """What stands around the entries of one message, each on one line and not escaped."""
        folio = contents.folio or self._folios.find_folio(delivery.edition.date)
        papers = [self._papers[item.paper_id] for item in contents.papers]
        whose = delivery.subscriber_id, delivery.subscriber.link_version
        values = {
            "subject": self._choose_subject(delivery, contents.papers, papers[0].title),
            "preheader": header_footer.write_preheader(papers),
            "folio": header_footer.write_folio(delivery, contents, folio),
            "title": header_footer.write_title(delivery, contents),
            "intro": write_intro(contents),
            "welcome": header_footer.write_welcome(delivery, contents),
            "missing": "",
            "private": "",
            "health": header_footer.write_health(contents.sources),
            "why": header_footer.write_why(delivery.subscriber, contents.papers),
        }
        values = {name: value and emails.clean_header(value) for name, value in values.items()}
        return values | {
            "browser_url": make_mail_url(delivery.pk or 0),
            "all_url": mail_links.all_papers_url(*whose, delivery.edition.date)
            if contents.in_topics and delivery.pk
            else "",
            "preferences_url": mail_links.preferences_url(*whose),
            "unsubscribe_url": mail_links.unsubscribe_url(*whose),
            "feedback_url": mail_links.feedback_url(*whose),
        }

    def _choose_subject(self, delivery: Delivery, items: Sequence[DigestItem], title: str) -> str:
        said = subject.write_subject(items, title)
        if said != self._earlier.get(delivery.pk):
            return said
        return subject.write_subject(items, title, delivery.edition.date)

    def _render_html(
        self, cards: Sequence[PlacedCard], values: Values, *, has_limit: bool = True
    ) -> tuple[str, int]:
        """The HTML, and how many entries are in it; the others had no room."""
        head, tail = self._assembler.make_edges("html", values)
        shown = cards
        if has_limit:
            lengths = {name: len(value.encode()) for name, value in values.items()}
            around = self._assembler.measure_contents(cards, lengths)
            around += head.measure(lengths) + tail.measure(lengths)
            room = choose_budget(len(cards)) - around
            sizes = fit_cards([card for card, _, _ in cards], room, len(values["feedback_url"]))
            if sizes.count(Size.FULL) < len(cards):
                fitted = zip(cards, sizes, strict=False)
                shown = [one._replace(size=min(size, one.size)) for one, size in fitted]
        values = self._quote_values(values)
        pieces = [
            *head.fill_pieces(values),
            *self._assembler.render_contents("html", shown, values),
            *self._assembler.render_html_cards(shown, values),
            self._assembler.render_more("html", len(cards) - len(shown), values),
            *tail.fill_pieces(values),
        ]
        return read_look().dye("".join(pieces)), len(shown)

    def _render_text(self, cards: Sequence[PlacedCard], shown: int, values: Values) -> str:
        head, tail = self._assembler.make_edges("text", values)
        values = self._quote_values(values)
        pieces = [
            *head.fill_pieces(values),
            *self._assembler.render_contents("text", cards[:shown], values),
            *self._assembler.render_text_cards(cards[:shown], values),
            self._assembler.render_more("text", len(cards) - shown, values),
            *tail.fill_pieces(values),
        ]
        return "".join(pieces)

    def _quote_values(self, values: Values) -> Values:
        if not self._is_quoted:
            return values
        return {name: quote(value) for name, value in values.items()}

    def _place_card(self, item: DigestItem) -> PlacedCard:
        """The item's card, the same for all whose item says the same."""
        found = self._cards.get(item)
        if found is None:
            if len(self._cards) >= MOST_CHECKED:
                self._cards.clear()
            found = self._cards[item] = self._find_card(item)
        return found

    def _find_card(self, item: DigestItem) -> PlacedCard:
        """The card that an earlier run made, where the paper is what it was; else a new one."""
        kept, facts = find_kept_cards(is_quoted=self._is_quoted), self._read_facts(item)
        evidence, found = self._describe_evidence(item), kept.get(item)
        if found is None or not found.card.is_of(facts, evidence):
            card = Card(make_paper_card(facts), item, evidence, is_quoted=self._is_quoted)
            size = Size.SHORT if item.section == Section.NEAR else Size.FULL
            found = PlacedCard(card, item.section, size)
            kept.add(item, found)
        return found

    def _read_facts(self, item: DigestItem) -> PaperFacts:
        """What is set of its paper as it was when the item was written."""
        state = item.paper_id, item.stars, item.lacks
        facts = self._facts.get(state)
        if facts is None:
            paper = restore_paper(self._papers[item.paper_id], item)
            facts = self._facts[state] = PaperFacts.read_paper(paper)
        return facts

    def _describe_evidence(self, item: DigestItem) -> str:
        """What compose saw of the trend; of a delivery that is older than this what is seen now."""
        if item.evidence is None:
            return explain.describe_evidence(self._papers[item.paper_id].popularity)
        return item.evidence


def make_mail_url(delivery_id: int) -> str:
    """Where a mail can be read in the browser; signed without a date, like every link in it."""
    return f"{settings.SITE_URL}/mail/{tokens.sign(IN_THE_BROWSER, delivery_id)}/"


def _escape_values(values: Values) -> dict[str, str]:
    return {name: value and escape(value) for name, value in values.items()}
